"""What packs have to know: the packages of OpenTelemetry's table, and the libraries of a list."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autospan import catalog
from autospan.knowledge import Knowledge, load

LIBRARIES = {
    "HTTP servers": """
        flask flask_restful fastapi starlette django rest_framework ninja aiohttp tornado falcon
        pyramid sanic quart litestar bottle cherrypy blacksheep robyn esmerald emmett molten
        masonite pecan hug http.server wsgiref asgiref""",
    "RPC, GraphQL, WebSocket, bots": """
        grpc grpclib thrift nameko oslo_messaging jsonrpcserver strawberry graphene ariadne
        tartiflette websockets socketio channels paho stomp discord aiogram slack_bolt mcp
        langchain langgraph""",
    "task queues and consumers": """
        celery rq django_rq dramatiq remoulade huey arq taskiq streaq saq procrastinate pgqueuer
        django.tasks django_q background_task hatchet_sdk kombu pika aio_pika kafka confluent_kafka
        aiokafka faust quixstreams bytewax faststream amazon_kclpy google.cloud.pubsub_v1
        azure.servicebus azure.eventhub nats pulsar zmq""",
    "command line": """
        click asyncclick typer argparse fire cleo cliff cement plumbum absl invoke doit cyclopts
        tyro docopt""",
    "databases": """
        sqlite3 aiosqlite psycopg2 psycopg asyncpg aiopg pg8000 mysql MySQLdb pymysql aiomysql
        asyncmy mariadb pymssql pyodbc aioodbc cx_Oracle oracledb ibm_db teradatasql vertica_python
        snowflake databricks.sql redshift_connector clickhouse_driver clickhouse_connect duckdb
        trino prestodb phoenixdb sqlalchemy sqlmodel django peewee pony tortoise piccolo ormar
        databases records dataset pymongo motor mongoengine beanie odmantic cassandra elasticsearch
        opensearchpy pysolr meilisearch typesense algoliasearch neo4j gremlin_python arango pydgraph
        couchbase azure google.cloud influxdb influxdb_client questdb taos surrealdb pandas polars
        dask chromadb pinecone qdrant_client weaviate pymilvus lancedb""",
    "HTTP, RPC, mail and remote hosts": """
        requests httpx httpx2 aiohttp urllib urllib3 http.client httplib2 pycurl treq tornado
        grequests niquests curl_cffi pyreqwest grpc zeep suds xmlrpc.client jsonrpcclient thrift
        websockets websocket socketio gql boto3 botocore aiobotocore google.cloud azure
        googleapiclient oci ibm_boto3 digitalocean openstack kubernetes docker smtplib aiosmtplib
        imaplib poplib sendgrid mailgun flask_mail paramiko asyncssh fabric pysftp ftplib
        smbprotocol ldap3 ldap pysnmp netmiko winrm ansible_runner telnetlib stripe twilio
        slack_sdk openai anthropic cohere mistralai google.genai huggingface_hub langchain litellm
        vertexai""",
    "cache, queue, object store": """
        redis aioredis valkey rediscluster pymemcache pylibmc memcache aiomcache bmemcached
        flask_caching dogpile cashews aiocache diskcache celery rq dramatiq huey arq taskiq kafka
        confluent_kafka aiokafka pika aio_pika kombu nats pulsar stomp paho zmq minio s3fs gcsfs
        fsspec smart_open storages""",
    "file, process, socket, time, lock, work": """
        io os pathlib shutil glob json pickle csv yaml configparser aiofiles anyio zipfile tarfile
        gzip h5py PIL pyarrow openpyxl tempfile subprocess asyncio pexpect sh plumbum
        multiprocessing socket select ssl time trio gevent tenacity backoff threading queue
        concurrent.futures redlock filelock jinja2 lxml weasyprint reportlab numpy sklearn torch
        hashlib bcrypt cryptography copy zlib cv2""",
    "existing tracing": """
        opentelemetry opentracing jaeger_client opencensus ddtrace datadog_lambda sentry_sdk
        newrelic elasticapm aws_xray_sdk aws_lambda_powertools logfire beeline instana skywalking
        scout_apm py_zipkin aiozipkin azure oneagent autodynatrace appdynamics thundra lumigo_tracer
        epsagon langfuse langsmith traceloop openinference mlflow weave opik braintrust promptflow
        phoenix uipath""",
}
"""Import names by what the library does."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(catalog.packs(), catalog.bootstraps(Path()))


def test_every_package_of_the_table_is_suggested_by_a_pack(knowledge: Knowledge) -> None:
    assert knowledge.bootstrap.libraries, "OpenTelemetry's table is not at hand"
    assert set(knowledge.bootstrap.libraries) - {rule.package for rule in knowledge.free} == set()


def test_packages_of_the_table_get_their_versions_from_it(knowledge: Knowledge) -> None:
    known = knowledge.bootstrap.libraries
    typed = {rule.package for rule in knowledge.free if rule.requirement}
    assert typed & {package for package, ranges in known.items() if ranges} == set()


@pytest.mark.parametrize("kind", LIBRARIES)
def test_every_library_is_in_a_pack(kind: str, knowledge: Knowledge) -> None:
    imported = {name for library in knowledge.libraries for name in library.imports}
    missing = [
        name
        for name in LIBRARIES[kind].split()
        if not any(name.startswith(f"{each}.") or name == each for each in imported)
    ]
    assert missing == []


def test_what_comes_with_python_is_of_no_distribution(knowledge: Knowledge) -> None:
    for library in knowledge.libraries:
        if library.imports and set(library.imports) <= sys.stdlib_module_names:
            assert not library.distributions, library.name
