import type { Server } from '@grpc/grpc-js';
import type { Http2Server } from 'node:http2';

/** How much a caller may send ahead of what was read. */
export interface ReceiveWindows {
  /** On one call. */
  readonly callBytes: number;
  /** On one connection, over all its calls. */
  readonly connectionBytes: number;
}

/**
 * Lets callers send ahead. grpc-js leaves the windows of a server at HTTP/2's 64 KiB (its option is for channels), so
 * that a message of a thousand usage events takes several round trips, each of them behind whatever the process does
 * meanwhile. To be called once the server is bound, before it has seen a connection.
 */
export function openReceiveWindows(server: Server, { callBytes, connectionBytes }: ReceiveWindows): void {
  const { http2Servers } = server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> };
  for (const http2Server of http2Servers.keys()) {
    http2Server.on('session', (session) => {
      session.settings({ initialWindowSize: callBytes });
      session.setLocalWindowSize(connectionBytes);
    });
  }
}
