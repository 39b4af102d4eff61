// The workspace's page in a browser.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createConnection } from './connection.ts';
import { ConnectionContext } from './live-context.ts';
import './styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');
createRoot(root).render(
  <StrictMode>
    <ConnectionContext value={createConnection(`ws://${location.host}/live`)}>
      <App />
    </ConnectionContext>
  </StrictMode>,
);
