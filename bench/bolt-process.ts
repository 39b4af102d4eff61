import { App } from '@slack/bolt';

/** Bolt as it comes, with a listener that does nothing: the baseline of intake. */
const [, , apiUrl = '', token = '', appToken = ''] = process.argv;
const app = new App({ token, appToken, socketMode: true, clientOptions: { slackApiUrl: apiUrl } });
app.event('message', async () => {});
await app.start();
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
