"""The demo network: five centers, thirteen months, and hidden stories (docs/demo.md)."""
