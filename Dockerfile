# syntax=docker/dockerfile:1
# The product without tests and tools: built in one stage, run in another, by a user without rights.

FROM python:3.11-slim-bookworm AS build
WORKDIR /rey
COPY requirements-build.txt requirements.txt ./
# The same two steps as install_lock in ./run, with the same hashes.
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements-build.txt \
    && .venv/bin/pip install --no-cache-dir --require-hashes --use-pep517 --no-build-isolation \
        --requirement requirements.txt
COPY analysis analysis
COPY migrations migrations
COPY survey_app survey_app
COPY templates templates
# The running user may write nothing here, so what Python would compile is compiled now.
RUN .venv/bin/pybabel compile --directory=survey_app/translations \
    && .venv/bin/python -m compileall -q analysis migrations survey_app \
    && .venv/bin/python -c "from survey_app import wsgi; wsgi.compress_files(wsgi.STATIC)"

FROM python:3.11-slim-bookworm
# What WeasyPrint draws PDFs with; the fonts are our own.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/rey --create-home rey
COPY --from=build /rey /rey
WORKDIR /rey
ENV PATH=/rey/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    REY_DATA_DIR=/var/lib/rey \
    REY_ENVIRONMENT=production \
    REY_LOG_FORMAT=json
USER rey
VOLUME /var/lib/rey
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Web process and worker; compose.yaml runs them apart.
CMD ["python", "-m", "survey_app", "serve", "--host", "0.0.0.0"]
