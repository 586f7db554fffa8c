# The shop in a container: `docker build -t aforro --build-arg COMMIT="$(git describe --always --dirty)" .`; compose.yaml has it
# with PostgreSQL and nginx.
#
# Runs as any user, with a read-only root; all that it writes goes to /data.

FROM debian:bookworm-slim AS build
WORKDIR /src
# What changes seldom comes first, so that a change of the sources installs nothing anew.
COPY scripts/install-packages scripts/
RUN scripts/install-packages build && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt CMakePresets.json schema.sql schema.postgres.sql ./
COPY cmake cmake
COPY lib lib
COPY app app
RUN cmake --preset release -DAFORRO_TESTS=OFF && cmake --build --preset release --target aforro
# What `aforro --version` says of the sources, which come without git. Last, so that another commit alone compiles one file.
ARG COMMIT=unknown
RUN cmake --preset release -DAFORRO_COMMIT="$COMMIT" && cmake --build --preset release --target aforro \
 && strip build/release/aforro

FROM debian:bookworm-slim
# The libraries that it is linked to, and the certificates of those whom it may ask by HTTPS.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      ca-certificates libcurl4 libhiredis0.14 libpq5 libsodium23 libsqlite3-0 libutf8proc2 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc/* /usr/share/man/* /usr/share/locale/* \
 && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin aforro \
 && install -d -m 1777 /data
COPY --from=build /src/build/release/aforro /usr/local/bin/aforro
USER 10001
WORKDIR /data
VOLUME /data
ENV AFORRO_LISTEN=0.0.0.0:8000
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["aforro", "health"]
ENTRYPOINT ["aforro"]
CMD ["serve"]
