import { expect, test } from 'vitest';
import { MANY_SCOPES, refusal, startStage } from './start-sim.ts';

async function startUpload(bytes = 'a,b\n1,2\n') {
  const stage = await startStage({ scopes: MANY_SCOPES });
  const { client, ann } = stage;
  const { channel } = await client.conversations.open({ users: ann });
  const { upload_url = '', file_id = '' } = await client.files.getUploadURLExternal({
    filename: 'a.csv',
    length: Buffer.byteLength(bytes),
  });
  const send = (body: string | FormData) => fetch(upload_url, { method: 'POST', body });
  const complete = (channel_id = channel?.id) =>
    client.apiCall('files.completeUploadExternal', { files: [{ id: file_id }], channel_id });
  return { ...stage, im: channel?.id ?? '', fileId: file_id, send, complete, bytes };
}

test('a file is shared in its channel, once', async () => {
  const { sim, ann, im, fileId, send, complete, bytes } = await startUpload();
  expect((await send(bytes)).status).toBe(200);
  expect(sim.file(fileId)).toBeUndefined();
  await complete();
  expect(sim.file(fileId)?.bytes.toString()).toBe(bytes);
  expect(sim.direct(ann)).toBe(im);
  expect(await refusal(complete())).toBe('file_not_found');
  await sim.waitFor(() => sim.messages(im).length > 0);
  expect(sim.messages(im)).toMatchObject([{ files: [{ id: fileId, name: 'a.csv' }] }]);
  expect(sim.messages(im)).toHaveLength(1);
});

test('it is shared a moment later, or as late as the test says', async () => {
  const { sim, client, im, fileId, send, complete, bytes } = await startUpload();
  await send(bytes);
  const info = () => client.files.info({ file: fileId });
  expect(await refusal(info())).toBe('file_not_found');
  sim.holdShares(true);
  await complete();
  expect((await info()).file).toMatchObject({ id: fileId, ims: [], shares: {} });
  expect(sim.messages(im)).toEqual([]);
  sim.holdShares(false);
  const [{ ts } = { ts: '' }] = sim.messages(im);
  const shares = { private: { [im]: [{ ts }] } };
  expect((await info()).file).toMatchObject({ ims: [im], shares });
});

test('bytes may be raw or in a form, and must have the announced length', async () => {
  const { sim, fileId, send, complete, bytes } = await startUpload();
  expect((await send('too many bytes')).status).toBe(400);
  expect((await send('few')).status).toBe(400);
  expect(await refusal(complete())).toBe('file_not_found');
  const form = new FormData();
  form.set('filename', new Blob([bytes]), 'a.csv');
  expect((await send(form)).status).toBe(200);
  await complete();
  expect(sim.file(fileId)?.bytes.toString()).toBe(bytes);
});

test('a refused share can be completed elsewhere', async () => {
  const { sim, ann, send, complete, bytes, client } = await startUpload();
  await send(bytes);
  expect(await refusal(complete(ann))).toBe('invalid_arguments');
  expect(await refusal(complete('D0NOWHERE'))).toBe('invalid_channel');
  const open = sim.addChannel({ name: 'open', members: [ann] });
  expect(await refusal(complete(open))).toBe('not_in_channel');
  expect(await refusal(complete())).toBe('ok');
  const ask = (length: number) =>
    refusal(client.apiCall('files.getUploadURLExternal', { filename: 'a.csv', length }));
  expect(await ask(0)).toBe('missing_argument');
  expect(await ask(-1)).toBe('invalid_arguments');
});

test('each step needs its scope', async () => {
  const { client, ann, channel } = await startStage({ scopes: ['chat:write'] });
  expect(await refusal(client.conversations.open({ users: ann }))).toBe('missing_scope');
  expect(await refusal(client.files.getUploadURLExternal({ filename: 'a.csv', length: 1 }))).toBe(
    'missing_scope',
  );
  expect(
    await refusal(
      client.files.completeUploadExternal({ files: [{ id: 'F1' }], channel_id: channel }),
    ),
  ).toBe('missing_scope');
});

test('an upload can be made to fail', async () => {
  const { sim, send, bytes } = await startUpload();
  sim.faults.add({ method: 'upload', kind: 'status', status: 503 });
  expect((await send(bytes)).status).toBe(503);
  sim.faults.add({ method: 'upload', kind: 'cut' });
  await expect(send(bytes)).rejects.toThrow();
  expect((await send(bytes)).status).toBe(200);
  expect(sim.callCounts.get('upload')).toBe(3);
});
