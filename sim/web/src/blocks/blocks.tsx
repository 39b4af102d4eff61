// Draws Block Kit. slack-blocks-to-jsx draws the blocks that it gets right; this folder draws those that
// it gets wrong, leaves out or makes static. Unknown blocks are shown with their text.
import { memo, type ReactNode } from 'react';
import { Mrkdwn, PlainText } from '../text.tsx';
import { BlockBoundary } from './block-boundary.tsx';
import { Card, Carousel, Container } from './containers.tsx';
import { DataTable } from './data-table.tsx';
import { ElementView } from './elements.tsx';
import { ImageBox } from './image-box.tsx';
import { InputBlock } from './input-block.tsx';
import { LibraryBlock } from './library-block.tsx';
import { TableBlock } from './table-block.tsx';
import { UnknownBlock } from './unknown-block.tsx';
import { isJson, type Json, listOf, textOf, wordsOf } from './values.ts';

export const Blocks = memo(function Blocks({ blocks }: { blocks: readonly unknown[] }) {
  return blocks.filter(isJson).map((block, index) => (
    <BlockBoundary key={textOf(block.block_id) || index} block={block}>
      <BlockView block={block} />
    </BlockBoundary>
  ));
});

function BlockView({ block }: { block: Json }): ReactNode {
  switch (block.type) {
    case 'section':
      return <Section block={block} />;
    case 'header':
      return (
        <h3 className="block-header">
          <PlainText text={wordsOf(block.text)} />
        </h3>
      );
    case 'divider':
      return <hr />;
    case 'context':
      return (
        <div className="block-context">
          {listOf(block.elements).map((element, index) =>
            element.type === 'image' ? (
              <ImageBox key={index} image={element} isSmall />
            ) : (
              <span key={index}>
                <TextObject text={element} />
              </span>
            ),
          )}
        </div>
      );
    case 'actions':
    case 'context_actions':
      return (
        <div className="block-actions">
          {listOf(block.elements).map((element, index) => (
            <ElementView
              key={textOf(element.action_id) || index}
              element={element}
              blockId={textOf(block.block_id)}
            />
          ))}
        </div>
      );
    case 'input':
      return <InputBlock block={block} />;
    case 'image':
      return <ImageBox image={block} />;
    case 'video':
      return <ImageBox image={{ ...block, image_url: block.title_url ?? block.video_url }} />;
    case 'file':
      return (
        <div className="file">
          <span aria-hidden="true">📄</span> File {textOf(block.external_id)}
        </div>
      );
    case 'table':
      return <TableBlock block={block} />;
    case 'data_table':
      return <DataTable block={block} />;
    case 'container':
      return (
        <Container block={block}>
          <Blocks blocks={listOf(block.child_blocks)} />
        </Container>
      );
    case 'card':
      return <Card block={block} />;
    case 'carousel':
      return <Carousel block={block} />;
    case 'rich_text':
    case 'data_visualization':
    case 'markdown':
    case 'plan':
    case 'task_card':
    case 'alert':
      return <LibraryBlock block={block} />;
    default:
      return <UnknownBlock block={block} />;
  }
}

function Section({ block }: { block: Json }) {
  const { accessory } = block;
  const fields = listOf(block.fields);
  return (
    <div className="block-section">
      <div className="block-section-text">
        {block.text ? <TextObject text={block.text} /> : null}
        {fields.length === 0 ? null : (
          <div className="block-fields">
            {fields.map((field, index) => (
              <div key={index}>
                <TextObject text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {isJson(accessory) ? (
        <div className="block-accessory">
          {accessory.type === 'image' ? (
            <ImageBox image={accessory} />
          ) : (
            <ElementView element={accessory} blockId={textOf(block.block_id)} />
          )}
        </div>
      ) : null}
    </div>
  );
}

function TextObject({ text }: { text: unknown }) {
  const words = wordsOf(text);
  return isJson(text) && text.type === 'mrkdwn' ? (
    <Mrkdwn text={words} />
  ) : (
    <PlainText text={words} />
  );
}
