import { App } from '@slack/bolt';

/** Plain Bolt with an empty listener: the baseline of intake. */
const [, , apiUrl = '', token = '', appToken = ''] = process.argv;
const app = new App({ token, appToken, socketMode: true, clientOptions: { slackApiUrl: apiUrl } });
app.event('message', async () => {});
await app.start();
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
