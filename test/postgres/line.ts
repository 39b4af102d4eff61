import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A way to a server that can go silent, as a network does: nothing is cut, and nothing arrives. */
export interface Line {
  /** Where a program finds the database at the other end. */
  url: string;
  /** Holds back what is said on the connections of now. New connections get through. */
  silence(): void;
  /** Lets everything arrive that was held back. */
  resume(): void;
}

const SOCKET = '.s.PGSQL.5432';

/** @param url of the server's folder */
export async function openLine(url: string): Promise<Line> {
  const [, home = ''] = /host=([^&]+)/.exec(url) ?? [];
  const folder = mkdtempSync(path.join(tmpdir(), 'line-'));
  const sockets = new Set<net.Socket>();
  const pass = (from: net.Socket, to: net.Socket) => {
    sockets.add(from);
    from.on('data', (data) => to.write(data));
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const proxy = net.createServer((near) => {
    const far = net.connect(path.join(decodeURIComponent(home), SOCKET));
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => proxy.listen(path.join(folder, SOCKET), resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    rmSync(folder, { recursive: true });
  });
  return {
    url: url.replace(home, encodeURIComponent(folder)),
    silence: () => sockets.forEach((socket) => void socket.pause()),
    resume: () => sockets.forEach((socket) => void socket.resume()),
  };
}
