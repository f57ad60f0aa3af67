# One image for all parts; compose.yaml says which of them a container runs.

ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/notifier
WORKDIR /src
# Libraries first: they change seldom. Each download is checked against its hash, and taken as a
# wheel: nothing is compiled, so no compiler is wanted, not even here.
COPY requirements.lock ./
RUN pip --python /opt/notifier install --require-hashes --only-binary :all: --requirement requirements.lock
COPY LICENSE pyproject.toml ./
COPY notifier notifier
COPY schedules schedules
COPY templates templates
COPY workers workers
# The lock has the wheel's builder too: no second, unhashed download.
RUN pip --python /opt/notifier wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && pip --python /opt/notifier install --no-deps /wheel/*.whl

FROM python:${PYTHON}-slim-bookworm
# Numbers that stay: files in volumes belong to them.
RUN groupadd --gid 10001 notifier \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/notifier --no-create-home \
       --shell /usr/sbin/nologin notifier \
    && install --directory --owner 10001 --group 10001 --mode 0750 \
       /var/lib/notifier /var/lib/notifier/data /var/lib/notifier/templates
COPY --from=build /opt/notifier /opt/notifier
ENV PATH=/opt/notifier/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NOTIFIER_DATA=/var/lib/notifier
USER 10001:10001
WORKDIR /var/lib/notifier
CMD ["notifier", "--help"]
