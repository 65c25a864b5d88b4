# One image for every process: the command chooses (`dist/apps/ledger/src/main.js`, `dist/apps/query/src/main.js`, …).
FROM node:20-bookworm AS build
WORKDIR /purser
# better-sqlite3 compiles where no prebuilt binary is had.
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
ENV GRPC_ADDRESS=0.0.0.0:50051 HTTP_ADDRESS=0.0.0.0:8080 DATA_DIR=/data
WORKDIR /purser
COPY --from=build /purser/package.json ./
COPY --from=build /purser/node_modules ./node_modules
COPY --from=build /purser/dist ./dist
COPY --from=build /purser/schemas ./schemas
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 50051 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD node -e "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
# As scripts/lib/node-flags.mjs says, and why.
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=64", "--no-parallel-scavenge", "--no-minor-gc-task", "--no-allocation-site-pretenuring"]
CMD ["dist/apps/standalone/src/main.js"]
