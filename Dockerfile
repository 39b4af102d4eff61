# syntax=docker/dockerfile:1

# Winnow in a container: the bot, Node and what it needs, and nothing to build with.
#   docker build --tag winnow .
# compose.yml beside this file runs it.

FROM node:24-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package runs a script: better-sqlite3 brings its binaries.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# What no program reads: types, maps, words, SQLite's own source, and binaries of other platforms.
RUN find node_modules -type f -regextype posix-extended \
      -regex '.*\.(map|md|[cm]?ts)' -delete \
    && rm -r node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
    && find node_modules/better-sqlite3/prebuilds -type f \
      ! -name "$(node -p 'process.platform + "-" + process.arch').node" -delete

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 1000 winnow \
    && useradd --uid 1000 --gid winnow --no-create-home --shell /usr/sbin/nologin winnow \
    && install --directory --owner winnow --group winnow /data
COPY --from=modules /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY package.json manifest.yml LICENSE ./
COPY migrations migrations
COPY src src
ENV NODE_ENV=production \
    HEALTH_PORT=9464 \
    DATABASE_URL=sqlite:/data/winnow.db \
    NODE_COMPILE_CACHE=/app/.compile-cache
# Compiles everything once, as the user that starts it: the root file system is read-only later, and a start takes
# half as long. It ends with 1 because there are no settings yet.
RUN install --directory --owner winnow --group winnow .compile-cache
USER winnow
RUN node src/main.ts > /dev/null 2>&1 || test -n "$(ls -A .compile-cache)"
# The folder, not the file: SQLite keeps its write-ahead log beside the database.
VOLUME /data
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without npm or a shell between, so that SIGTERM reaches the bot.
CMD ["node", "--max-semi-space-size=8", "--max-old-space-size=1024", "src/main.ts"]
