# Greenroom as a bot of its own. docs/run.md says how to run it.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS built
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /opt/venv
# What the packages follow from comes first, so that a change of the code alone installs nothing anew.
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY monitoring/__init__.py monitoring/
RUN /opt/venv/bin/pip install -c constraints.txt -e ".[fonts,notify,dashboard,cli,otel]"
COPY monitoring monitoring
COPY cogs cogs
COPY assets assets
COPY bot.py ./
RUN /opt/venv/bin/python -m compileall -q bot.py cogs monitoring

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin greenroom \
    && install --directory --owner=greenroom --group=greenroom --mode=0700 /data
COPY --from=built /opt/venv /opt/venv
COPY --from=built /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite:////data/monitoring.sqlite3
# Settings come from the environment; an .env in the image would be in its layers for good.
USER greenroom
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Whether it lives; an open incident is no reason to start it anew.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["monitoring", "probe", "--alive"]
STOPSIGNAL SIGTERM
CMD ["python", "/app/bot.py"]
