# The warehouse and Airflow in one image; docker-compose.yml starts it as api-server, scheduler and dag-processor.
FROM python:3.11-slim-bookworm

RUN pip install --no-cache-dir "uv>=0.9,<1" && useradd --create-home --uid 50000 warehouse \
    && install --directory --owner=warehouse /warehouse

WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-default-groups --group containers --group sandbox --no-cache
COPY . .

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONPATH=/app \
    WAREHOUSE_DIR=/warehouse \
    AIRFLOW_HOME=/warehouse/state/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/app/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False \
    AIRFLOW__CORE__PARALLELISM=4 \
    DLT_DATA_DIR=/warehouse/state/dlt \
    GX_ANALYTICS_ENABLED=false

USER warehouse
