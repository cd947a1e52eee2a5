/**
 * The calls that change something: commands for instances, reloads, a rehearsal now. Each needs the token.
 *
 * @module
 */

import type * as z from "zod";
import { jsonResponse, Problem } from "../../../api/problem.ts";
import { RELOAD_ALONE } from "../../../config/diagnostics.ts";
import type { InstanceCommand } from "../../../status/commands/commands.ts";
import type { KeepOutcome, ReloadOutcome } from "../../../status/commands/reloading.ts";
import type { NodeStatus } from "../../../status/status.ts";
import { type Access, bearerToken } from "../auth.ts";
import type { ApiBackend, CommandBy } from "../backend.ts";
import { readBody } from "../bodies.ts";
import {
  commandBody,
  demoteBody,
  emptyBody,
  endBody,
  priorityBody,
  reloadBody,
} from "../../openapi/requests.ts";
import type { RenderedStatus } from "../rendered_status.ts";
import { commandClientOf, type Requester, type UserName } from "../requester.ts";
import type { ApiContext, Calls, Handler } from "./call.ts";

export interface ChangeParts {
  readonly backend: Pick<ApiBackend, "command" | "reload" | "keep" | "rehearse">;
  readonly rendered: RenderedStatus;
  readonly access: Access;
  readonly requesterOf: (context: ApiContext) => Requester;
  readonly bodyTimeoutMs: number | undefined;
  readonly userName: UserName | undefined;
}

export function changeCalls(
  { backend, rendered, access, requesterOf, bodyTimeoutMs, userName }: ChangeParts,
): Calls {
  /** A call that changes something. */
  function change<T>(
    schema: z.ZodType<T>,
    act: (body: T, by: CommandBy, context: ApiContext) => Promise<Response>,
  ): Handler {
    return async (context) => {
      const requester = requesterOf(context);
      await access.toChange(requester);
      const body = await readBody(context.req.raw, schema, bodyTimeoutMs);
      await requireClient(context);
      return await act(body, await commandedBy(context, requester, userName), context);
    };
  }

  /** A call with a command for the instance in the path. */
  function command<T>(
    schema: z.ZodType<T>,
    commandOf: (instance: string, body: T) => InstanceCommand | Promise<InstanceCommand>,
  ): Handler {
    return change(schema, async (body, by, context) => {
      const given = await commandOf(context.req.param("name") ?? "", body);
      const result = await backend.command(given, by);
      if (!result.ok) throw new Problem(result.code, result.message);
      const { tookMs, instance, peers, notKept } = result;
      const unkept = notKept === undefined ? {} : { not_kept: notKept };
      // The key that the status has for a peer's name, next to the one of 0.1.0.
      const named = peers.map((view) => ({ name: view.peer, ...view }));
      return jsonResponse({ took_ms: Math.round(tookMs), instance, peers: named, ...unkept });
    });
  }

  return {
    "/v1/rehearse": {
      POST: change(emptyBody, async () => jsonResponse(await backend.rehearse())),
    },
    "/v1/instances/:name/promote": {
      POST: command(
        commandBody,
        (instance, body) => ({ kind: "promote", instance, ...commandTerms(body) }),
      ),
    },
    "/v1/instances/:name/demote": {
      POST: command(
        demoteBody,
        async (instance, { unless_worse: unlessWorse = false, ...body }) => {
          if (unlessWorse) requireNoneWorse(await rendered.status(), instance);
          return { kind: "demote", instance, ...commandTerms(body) };
        },
      ),
    },
    "/v1/instances/:name/release": {
      POST: command(endBody, (instance, why) => ({ kind: "release", instance, ...why })),
    },
    "/v1/instances/:name/priority": {
      PUT: command(priorityBody, (instance, body) => ({ kind: "set_priority", instance, ...body })),
      DELETE: command(endBody, (instance, why) => ({ kind: "clear_priority", instance, ...why })),
    },
    "/v1/reload": {
      POST: change(reloadBody, async ({ confirm: confirmMs, force }, by) => {
        const confirm = confirmMs === undefined ? {} : { confirmMs };
        return reloadResponse(await backend.reload({ ...confirm, ...(force && { force }) }, by));
      }),
    },
    "/v1/reload/keep": {
      POST: change(emptyBody, async (_, by) => keepResponse(await backend.keep(by))),
    },
  };
}

function reloadResponse(outcome: ReloadOutcome): Response {
  if (outcome.ok) {
    const { tookMs, changes, warnings, verdicts, probation } = outcome;
    const took_ms = Math.round(tookMs);
    return jsonResponse({ took_ms, changes, warnings, verdicts, probation });
  }
  const { diagnostics } = outcome;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const isAlone = first !== undefined && RELOAD_ALONE.has(first.code);
  const count = `${errors.length} ${errors.length === 1 ? "error" : "errors"}`;
  const detail = `The configuration is not taken, the one before runs on: ${count}; ` +
    (isAlone ? first.hint : "vipd check shows what a file has");
  throw new Problem("reload_failed", detail, { diagnostics });
}

function keepResponse(outcome: KeepOutcome): Response {
  if (outcome.ok) return jsonResponse({ kept: true });
  throw new Problem("not_kept", outcome.message);
}

/**
 * A client that has given up waiting does not expect vipd to carry out the command later, as after this process was
 * stopped.
 */
async function requireClient({ env: { hasGone } }: ApiContext): Promise<void> {
  if (!await hasGone?.()) return;
  throw new Problem(
    "client_gone",
    "The client has closed its side of the connection before the answer, so the command is not " +
      "carried out: keep the connection open until then",
  );
}

/** A client that names its command learns its outcome by the same key (draft-ietf-httpapi-idempotency-key-header). */
async function commandedBy(
  { req, env }: ApiContext,
  { proxied }: Pick<Requester, "proxied">,
  userName: UserName | undefined,
): Promise<CommandBy> {
  const key = req.header("idempotency-key") ?? crypto.randomUUID();
  if (!/^[\x21-\x7e]{1,128}$/.test(key)) {
    throw new Problem("order_id_invalid", "Idempotency-Key takes 1 to 128 printable characters");
  }
  const proxy = proxied ? req.header("host") ?? null : null;
  const client = await commandClientOf(env, proxy, req.header("user-agent"), userName);
  return { key, token: bearerToken(req.header("authorization")), client };
}

/** The last rehearsals count: to rehearse now would take as long as nginx takes. */
function requireNoneWorse({ node, peers, instances }: NodeStatus, instance: string): void {
  const stands = instances.find(({ name }) => name === instance)?.override?.kind === "demoted";
  // It serves for nobody who could be served less.
  if (stands) return;
  const faults = peers.flatMap(({ rehearsal = [] }) => rehearsal).filter((reason) =>
    reason.code === "rehearsal_failed" && reason.node !== node
  );
  if (faults.length === 0) return;
  const texts = faults.map(({ message }) => message).join("; ");
  throw new Problem("rehearsal_failed", `The demote is not carried out: ${texts}`);
}

function commandTerms(
  { for: forMs, ...why }: z.infer<typeof commandBody>,
): { readonly forMs?: number; readonly reason?: string | undefined } {
  return forMs === undefined ? why : { forMs, ...why };
}
