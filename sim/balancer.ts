// A proxy before several processes: they take requests by turns. One that cannot be reached is left out, and the request
// goes to another one. A request that was handed over is not repeated.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { listen } from './slack/listen.ts';

export interface Balancer {
  readonly url: string;
  add(port: number): void;
  remove(port: number): void;
  stop(): Promise<void>;
}

export async function startBalancer(): Promise<Balancer> {
  const ports: number[] = [];
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    turn += 1;
    const order = ports.map((_, at) => ports[(at + turn) % ports.length] ?? 0);
    handOver(incoming, Buffer.concat(chunks), order, outgoing);
  });
  const handOver = (
    incoming: IncomingMessage,
    body: Buffer,
    [port, ...others]: number[],
    outgoing: ServerResponse,
  ): void => {
    if (port === undefined) {
      outgoing.writeHead(502).end();
      return;
    }
    const { method, url, headers } = incoming;
    const passed = request({ agent, host: '127.0.0.1', port, method, path: url, headers });
    passed.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    passed.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that was kept may have ended just now: nobody has read the request.
      const isUnread = error.code === 'ECONNREFUSED' || passed.reusedSocket;
      if (isUnread && !outgoing.headersSent) {
        const again = error.code === 'ECONNREFUSED' ? others : [port, ...others];
        handOver(incoming, body, again, outgoing);
      } else outgoing.destroy();
    });
    passed.end(body);
  };
  const url = await listen(server, 0);
  return {
    url,
    add: (port) => void ports.push(port),
    remove(port) {
      if (ports.includes(port)) ports.splice(ports.indexOf(port), 1);
    },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
