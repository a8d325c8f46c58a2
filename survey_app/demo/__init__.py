"""The demo network: five centers, thirteen months, and the stories hidden in them (docs/demo.md)."""
