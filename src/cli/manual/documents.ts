/**
 * The documents of docs/, for the operator of a node.
 *
 * @module
 */

import ALARMS from "../../../docs/alarms.md" with { type: "text" };
import API from "../../../docs/api.md" with { type: "text" };
import BEHAVIOUR from "../../../docs/behaviour.md" with { type: "text" };
import CHECKS from "../../../docs/checks.md" with { type: "text" };
import CODES from "../../../docs/codes.md" with { type: "text" };
import CONFIGURATION from "../../../docs/configuration.md" with { type: "text" };
import CONFORMANCE from "../../../docs/conformance.md" with { type: "text" };
import DEMO from "../../../docs/demo.md" with { type: "text" };
import DOCTOR from "../../../docs/doctor.md" with { type: "text" };
import FAILOVER_TIMES from "../../../docs/failover-times.md" with { type: "text" };
import HOW_IT_WORKS from "../../../docs/how-it-works.md" with { type: "text" };
import INSTALL from "../../../docs/install.md" with { type: "text" };
import INTEROPERATION from "../../../docs/interoperation.md" with { type: "text" };
import MIGRATION from "../../../docs/migration.md" with { type: "text" };
import MONITORING from "../../../docs/monitoring.md" with { type: "text" };
import NOTIFICATIONS from "../../../docs/notifications.md" with { type: "text" };
import OPERATION from "../../../docs/operation.md" with { type: "text" };
import PAGE from "../../../docs/page.md" with { type: "text" };
import PAIR from "../../../docs/pair.md" with { type: "text" };
import PERFORMANCE from "../../../docs/performance.md" with { type: "text" };
import RECORDING from "../../../docs/recording.md" with { type: "text" };
import REHEARSAL from "../../../docs/rehearsal.md" with { type: "text" };
import SECURITY from "../../../docs/security.md" with { type: "text" };
import VERDICT from "../../../docs/verdict.md" with { type: "text" };
import VIPD_OR_KEEPALIVED from "../../../docs/vipd-or-keepalived.md" with { type: "text" };
import type { DocumentName } from "../../codes/document_names.ts";

/** Their Markdown. */
export const DOCUMENTS: Readonly<Record<DocumentName, string>> = {
  alarms: ALARMS,
  api: API,
  behaviour: BEHAVIOUR,
  checks: CHECKS,
  codes: CODES,
  configuration: CONFIGURATION,
  conformance: CONFORMANCE,
  demo: DEMO,
  doctor: DOCTOR,
  "failover-times": FAILOVER_TIMES,
  "how-it-works": HOW_IT_WORKS,
  install: INSTALL,
  interoperation: INTEROPERATION,
  migration: MIGRATION,
  monitoring: MONITORING,
  notifications: NOTIFICATIONS,
  operation: OPERATION,
  page: PAGE,
  pair: PAIR,
  performance: PERFORMANCE,
  recording: RECORDING,
  rehearsal: REHEARSAL,
  security: SECURITY,
  verdict: VERDICT,
  "vipd-or-keepalived": VIPD_OR_KEEPALIVED,
};
