import { Component, type ReactNode } from 'react';
import { UnknownBlock } from './unknown-block.tsx';
import type { Json } from './values.ts';

/** Shows a block that fails to render as an unknown block, without breaking the others. */
export class BlockBoundary extends Component<
  { block: Json; children: ReactNode },
  { failed: Json | undefined }
> {
  override state = { failed: undefined as Json | undefined };

  static getDerivedStateFromError(): null {
    return null;
  }

  override componentDidCatch(): void {
    this.setState({ failed: this.props.block });
  }

  override render(): ReactNode {
    const { block, children } = this.props;
    return this.state.failed === block ? <UnknownBlock block={block} /> : children;
  }
}
