FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are kept, as they hold native parts of others (the compiler that Temporal's
# bundler uses); the Node among them is this image's own already. Temporal's native part comes for
# five platforms, of which an image is one.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} + \
  && npm cache clean --force

FROM node:24.21.0-bookworm-slim
# Node's own limits let rows that are long gone pile up to several times what is in use. What was compiled
# once is kept: a process that was killed is back sooner.
ENV NODE_ENV=production \
  NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size=1024" \
  NODE_COMPILE_CACHE=/var/lib/conveyor/compiled \
  CONVEYOR_STATE_DIR=/var/lib/conveyor
WORKDIR /app
# Temporal's native part trusts what the system trusts, and a slim system trusts nobody: without
# these certificates no worker reaches a Temporal server over TLS. Node brings its own.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /var/lib/conveyor
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
USER node
EXPOSE 5058
# A worker listens on nothing: docker-compose.yml turns this check off for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 5058}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "api/main.ts"]
