/**
 * The OpenAPI 3.1 document, made from the schemas and operations, so that it cannot differ from the code.
 *
 * @module
 */

import * as z from "zod";
import {
  PROBLEM_STATUS,
  PROBLEM_TITLE,
  PROBLEM_TYPE,
  type ProblemCode,
} from "../../api/problem.ts";
import { keysOf, named } from "../../status/schemas/terms.ts";
import { VERSION } from "../../version.ts";
import { type Content, type Operation, OPERATIONS } from "./operations.ts";
import { OPEN_PATHS } from "./requests.ts";
import { problemDocument } from "./schemas.ts";

type JsonObject = Record<string, unknown>;

/** Errors of every call. */
const COMMON_PROBLEMS: readonly ProblemCode[] = ["host_refused", "origin_refused", "internal"];
/** Errors of every call that may need a token. */
const TOKEN_PROBLEMS: readonly ProblemCode[] = [
  "token_missing",
  "token_wrong",
  "too_many_failures",
  "token_unavailable",
];
/** Errors of every call that needs the engine. */
const ENGINE_PROBLEMS: readonly ProblemCode[] = ["engine_unreachable"];
/** Errors of every call that changes something. */
const CHANGING_PROBLEMS: readonly ProblemCode[] = [
  "json_invalid",
  "body_invalid",
  "body_unknown_key",
  "body_timeout",
  "body_too_large",
  "content_type",
  "client_gone",
  "order_id_invalid",
  "order_id_reused",
  "order_late",
];
/** The header of every call that changes something. */
const COMMAND_ID = {
  "Idempotency-Key": {
    description:
      "An id of the command, such as a UUID: vipd carries each out once, and answers one " +
      "that is repeated with what came of it. To be sent again if a connection breaks.",
    schema: z.string().min(1).max(128),
  },
};

/** The header of every call whose answer has an entity tag. */
const CONDITION = {
  "If-None-Match": {
    description: "The ETag of the answer that the client has: 304 if it would be the same",
    schema: z.string(),
  },
};

/** The parts of a path that stand for something. */
const PATH_PARAMETERS = {
  name: { description: "The instance", example: "VI_1" },
  peer: { description: "The peer, as the configuration names it", example: "lb02" },
  code: { description: "A code that vipd shows", example: "peer_silent" },
} as const;

let made: string | null = null;

/** The document as JSON text; made at the first request. */
export function openApiText(): string {
  return made ??= `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

export function openApiDocument(): JsonObject {
  const { schemas } = z.toJSONSchema(named, { uri: schemaUri, io: "output", metadata: named });
  const paths: Record<string, JsonObject> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method] = operationObject(operation);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "vipd",
      version: VERSION,
      summary: "Keeps a virtual IP alive on a pair of load balancers",
      description:
        "Reading is open on loopback unless api.local_reading is token; whatever changes something needs the token. New keys may be " +
        "added to answers; existing ones keep their meaning. Unknown paths are answered with 404 " +
        "(`route_unknown`), other methods with 405 (`method_not_allowed`).",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "http://127.0.0.1:9112", description: "The default of api.listen" }],
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([id, schema]) => {
          const { $schema: _schema, $id: _id, id: _name, ...shape } = schema as JsonObject;
          return [id, answerSchema(shape)];
        }),
      ),
      examples: Object.fromEntries(
        keysOf<ProblemCode>(PROBLEM_STATUS).map((code) => [code, { value: problemExample(code) }]),
      ),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The token of api.token_file" },
        readToken: {
          type: "http",
          scheme: "bearer",
          description: "The token of api.read_token_file, which may read only",
        },
      },
    },
  };
}

function operationObject(operation: Operation): JsonObject {
  const { id, summary, description, body } = operation;
  return {
    operationId: id,
    summary,
    ...(description === undefined ? {} : { description }),
    ...parameters(operation),
    ...(body === undefined ? {} : {
      requestBody: {
        required: body.required,
        content: {
          "application/json": {
            schema: plainSchema(body.schema, "input"),
            example: body.example,
          },
        },
      },
    }),
    ...(body === undefined ? readingSecurity(operation) : { security: [{ token: [] }] }),
    responses: responses(operation),
  };
}

/** Reading needs no token on the node itself, unless `api.local_reading` says so. */
function readingSecurity({ path }: Operation): JsonObject {
  return { security: OPEN_PATHS.has(path) ? [] : [{}, { readToken: [] }, { token: [] }] };
}

function parameters(operation: Operation): JsonObject {
  const { path, body, conditional = false, query = {}, headers = {} } = operation;
  const optional = (place: string, from: NonNullable<Operation["query"]>) =>
    Object.entries(from).map(([name, { description, schema }]) => ({
      name,
      in: place,
      description,
      schema: plainSchema(schema, "output"),
    }));
  const all = [
    ...Object.entries(PATH_PARAMETERS)
      .filter(([name]) => path.includes(`{${name}}`))
      .map(([name, { description, example }]) => ({
        ...{ name, in: "path", required: true, description, schema: { type: "string" }, example },
      })),
    ...optional("query", query),
    ...optional("header", {
      ...(body === undefined ? {} : COMMAND_ID),
      ...(conditional ? CONDITION : {}),
      ...headers,
    }),
  ];
  return all.length === 0 ? {} : { parameters: all };
}

interface ResponseObject {
  readonly description: string;
  readonly headers?: JsonObject;
  readonly content: JsonObject;
}

function responses({ path, answers, problems, body, conditional }: Operation): JsonObject {
  const found: Record<string, ResponseObject> = {};
  const tag = { ETag: { description: "For If-None-Match", schema: { type: "string" } } };
  for (const [status, contents] of Object.entries(answers)) {
    found[status] = {
      description: status === "200" ? "It worked" : "It is not so",
      ...(conditional ? { headers: tag } : {}),
      content: Object.fromEntries(contents.map((content) => [content.type, mediaType(content)])),
    };
  }
  if (conditional) {
    found[304] = { description: "The client has this answer", headers: tag, content: {} };
  }
  const codes = [
    ...(body ? CHANGING_PROBLEMS : []),
    ...(OPEN_PATHS.has(path) ? [] : [...TOKEN_PROBLEMS, ...ENGINE_PROBLEMS]),
    ...problems,
    ...COMMON_PROBLEMS,
  ];
  for (const [status, group] of Map.groupBy(codes, (code) => PROBLEM_STATUS[code])) {
    const response = found[status] ??= { description: group.join(", "), content: {} };
    response.content[PROBLEM_TYPE] = {
      schema: { $ref: schemaUri("Problem") },
      examples: Object.fromEntries(group.map((code) => [code, { $ref: exampleUri(code) }])),
    };
  }
  return found;
}

function mediaType({ type, schema, example }: Content): JsonObject {
  const shape = schema === undefined
    ? { type: type === "application/json" ? "object" : "string" }
    : plainSchema(schema, "output");
  return { schema: shape, ...(example === undefined ? {} : { example }) };
}

function problemExample(code: ProblemCode): z.infer<typeof problemDocument> {
  return {
    type: "about:blank",
    title: PROBLEM_TITLE[PROBLEM_STATUS[code]],
    status: PROBLEM_STATUS[code],
    detail: "What is wrong and what to do about it",
    instance: "/v1/instances/VI_1/promote",
    code,
  };
}

function exampleUri(code: ProblemCode): string {
  return `#/components/examples/${code}`;
}

function schemaUri(id: string): string {
  return `#/components/schemas/${id}`;
}

/** A schema in its place: a reference to a named one, or an array of them, or written out. */
function plainSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const id = named.get(schema)?.id;
  if (id !== undefined) return { $ref: schemaUri(id) };
  if (schema instanceof z.ZodArray) {
    return { type: "array", items: plainSchema(schema.element as z.ZodType, io) };
  }
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io });
  return shape;
}

/** Later versions may add keys to answers, so a client must not refuse them. */
function answerSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(answerSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema)
    .filter(([key, value]) => key !== "additionalProperties" || value !== false)
    .map(([key, value]) => [key, answerSchema(value)]);
  return Object.fromEntries(entries);
}
