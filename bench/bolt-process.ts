import { App } from '@slack/bolt';

/** Plain Bolt with an empty listener: the baseline of intake, over a socket or, with a port, over HTTP. */
const [, , apiUrl = '', token = '', secret = '', port] = process.argv;
const app = new App({
  token,
  ...(port === undefined ? { appToken: secret, socketMode: true } : { signingSecret: secret }),
  clientOptions: { slackApiUrl: apiUrl },
});
app.event('message', async () => {});
await app.start(Number(port ?? 0));
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
