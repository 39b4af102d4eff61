/** The control plane: JSON requests under /sim/, for people and other processes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readJsonBody, sendJson } from './http-reply.ts';
import { batchLatency, type Latencies, messageLatency } from './latency.ts';

export interface ControlPlane {
  readState: () => unknown;
  setBatchMs: (ms: number) => void;
  setLatency: (latencies: Latencies) => void;
  holdBatches: (on: boolean) => void;
  /** Returns false when there is no such batch. */
  endBatch: (id: string | undefined) => boolean;
}

const batchTime = z.strictObject({ ms: z.number().min(0).max(86_400_000) });
const latency = z
  .strictObject({ batch: batchLatency.nullish(), message: messageLatency.nullish() })
  .refine(({ batch, message }) => batch !== undefined || message !== undefined);
const hold = z.strictObject({ on: z.boolean() });
const end = z.strictObject({ id: z.string().optional() });

export async function handleControl(
  plane: ControlPlane,
  method: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: unknown) => sendJson(response, status, body, 'sim');
  if (method === 'GET' && path === '/sim/state') return send(200, plane.readState());
  const read = method === 'POST' ? await readJsonBody(request, 10_000) : undefined;
  const body = read?.kind === 'json' ? read.json : undefined;
  switch (`${method} ${path}`) {
    case 'POST /sim/batch-time': {
      const parsed = batchTime.safeParse(body);
      if (!parsed.success) {
        return send(400, { error: 'Send {"ms": …}: how long a batch takes, 0 to 86400000.' });
      }
      plane.setBatchMs(parsed.data.ms);
      return send(200, { ok: true, ms: parsed.data.ms });
    }
    case 'POST /sim/latency': {
      const parsed = latency.safeParse(body);
      if (!parsed.success) {
        return send(400, {
          error:
            'Send {"message": {"p50Ms": …, "p90Ms": …}}, or the same for "batch", or both; also "tail": {"share": …, "factor": …} and, for "batch", "common": 0 to 1; null ends it.',
        });
      }
      plane.setLatency(parsed.data);
      return send(200, { ok: true, ...parsed.data });
    }
    case 'POST /sim/hold': {
      const parsed = hold.safeParse(body);
      if (!parsed.success) {
        return send(400, {
          error: 'Send {"on": true} to hold batches or {"on": false} to release them.',
        });
      }
      plane.holdBatches(parsed.data.on);
      return send(200, { ok: true, on: parsed.data.on });
    }
    case 'POST /sim/end-batch': {
      const parsed = end.safeParse(body);
      if (!parsed.success) {
        return send(400, { error: 'Send {"id": "msgbatch_…"}, or {} for every batch.' });
      }
      if (!plane.endBatch(parsed.data.id)) return send(404, { error: 'There is no such batch.' });
      return send(200, { ok: true });
    }
    default:
      return send(404, {
        error:
          'Known: GET /sim/state, POST /sim/batch-time, POST /sim/latency, POST /sim/hold, POST /sim/end-batch.',
      });
  }
}
