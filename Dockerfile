FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are kept, as they hold native parts of others (the compiler that Temporal's
# bundler uses); the Node among them is this image's own already.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node \
  && npm cache clean --force

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
  CONVEYOR_STATE_DIR=/var/lib/conveyor
WORKDIR /app
RUN install -d -o node -g node /var/lib/conveyor
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
USER node
EXPOSE 5058
# A worker listens on nothing: docker-compose.yml turns this check off for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 5058}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "api/main.ts"]
