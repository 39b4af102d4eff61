import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on this machine only; 0, the default, takes any free port. Returns the server's address. */
export async function listen(server: Server, port = 0): Promise<string> {
  // Keeps idle connections open for longer than clients do, as the service does.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
