/** The rules for JSON schemas of structured outputs, with the service's error texts. */
const AT = 'output_config.format.schema';
const MAX_OPTIONAL = 24;
const MAX_UNIONS = 16;
const UNSUPPORTED: Record<string, readonly string[]> = {
  number: ['exclusiveMaximum', 'exclusiveMinimum', 'maximum', 'minimum', 'multipleOf'],
  integer: ['exclusiveMaximum', 'exclusiveMinimum', 'maximum', 'minimum', 'multipleOf'],
  string: ['maxLength', 'minLength'],
  array: ['maxItems', 'uniqueItems'],
};

export type JsonSchema = { readonly [key: string]: unknown };

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listSchemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** Resolves a local `$ref` (`#`, `#/$defs/Name`). */
export function resolveRef(root: JsonSchema, ref: unknown): JsonSchema | undefined {
  if (typeof ref !== 'string' || !ref.startsWith('#')) return undefined;
  let at: unknown = root;
  for (const step of ref.split('/').slice(1)) {
    if (!isSchema(at)) return undefined;
    at = at[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return isSchema(at) ? at : undefined;
}

/** Why the schema is refused; undefined when it is valid. */
export function findSchemaFault(root: JsonSchema): string | undefined {
  const tally = { optional: 0, unions: 0 };
  const fault = walkSchema(root, root, [], tally);
  if (fault !== undefined) return `${AT}: ${fault}`;
  if (tally.optional > MAX_OPTIONAL) {
    return `Schemas contains too many optional parameters (${tally.optional}), which would make grammar compilation inefficient. Reduce the number of optional parameters in your tool schemas (limit: ${MAX_OPTIONAL}).`;
  }
  if (tally.unions > MAX_UNIONS) {
    return `Schemas contains too many parameters with union types (${tally.unions} parameters with type arrays or anyOf), which would make grammar compilation inefficient. Reduce the number of parameters with union types (limit: ${MAX_UNIONS}).`;
  }
  return undefined;
}

function walkSchema(
  root: JsonSchema,
  node: JsonSchema,
  refs: readonly string[],
  tally: { optional: number; unions: number },
): string | undefined {
  if (node.$ref !== undefined) {
    const ref = String(node.$ref);
    if (refs.includes(ref) || ref === '#') return `Circular reference detected: ${ref}`;
    const target = resolveRef(root, ref);
    if (target === undefined) return `Could not resolve reference: ${ref}`;
    return walkSchema(root, target, [...refs, ref], tally);
  }
  for (const keyword of ['oneOf', 'not', 'if', 'patternProperties']) {
    if (keyword in node) return `Schema keyword '${keyword}' is not supported`;
  }
  const union = Array.isArray(node.type) || Array.isArray(node.anyOf);
  if (union) tally.unions += 1;
  const types = Array.isArray(node.type) ? node.type.map(String) : [String(node.type ?? '')];
  const typed = node.type !== undefined || 'enum' in node || 'const' in node;
  if (!typed && !Array.isArray(node.anyOf) && !Array.isArray(node.allOf)) {
    return "Schema must have a 'type', 'enum', 'const', 'anyOf', 'allOf' or '$ref'";
  }
  for (const type of types) {
    const refused = (UNSUPPORTED[type] ?? []).filter((keyword) => keyword in node);
    if (refused.length > 0) {
      return `For '${type}' type, properties ${refused.join(', ')} are not supported`;
    }
  }
  const object = types.includes('object') || isSchema(node.properties);
  const fault = object ? findObjectFault(node, tally) : findArrayFault(node);
  if (fault !== undefined) return fault;
  for (const child of childrenOf(node)) {
    const below = walkSchema(root, child, refs, tally);
    if (below !== undefined) return below;
  }
  return undefined;
}

function findObjectFault(node: JsonSchema, tally: { optional: number }): string | undefined {
  if (node.additionalProperties === undefined) {
    return "For 'object' type, 'additionalProperties' must be explicitly set to false";
  }
  if (node.additionalProperties !== false) {
    const given = isSchema(node.additionalProperties) ? 'object' : node.additionalProperties;
    return `For 'object' type, 'additionalProperties: ${given}' is not supported. Please set 'additionalProperties' to false`;
  }
  const required = Array.isArray(node.required) ? node.required : [];
  const names = isSchema(node.properties) ? Object.keys(node.properties) : [];
  tally.optional += names.filter((name) => !required.includes(name)).length;
  return undefined;
}

function findArrayFault(node: JsonSchema): string | undefined {
  if (node.minItems === undefined || node.minItems === 0 || node.minItems === 1) return undefined;
  return "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
}

function childrenOf(node: JsonSchema): JsonSchema[] {
  return [
    ...(isSchema(node.properties) ? Object.values(node.properties).filter(isSchema) : []),
    ...(isSchema(node.items) ? [node.items] : []),
    ...listSchemas(node.anyOf),
    ...listSchemas(node.allOf),
  ];
}
