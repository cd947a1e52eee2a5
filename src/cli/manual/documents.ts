/**
 * The documents that an operator of a node needs, as they are in docs/.
 *
 * @module
 */

import ALARMS from "../../../docs/alarms.md" with { type: "text" };
import API from "../../../docs/api.md" with { type: "text" };
import CHECKS from "../../../docs/checks.md" with { type: "text" };
import CONFIGURATION from "../../../docs/configuration.md" with { type: "text" };
import DOCTOR from "../../../docs/doctor.md" with { type: "text" };
import INSTALL from "../../../docs/install.md" with { type: "text" };
import MIGRATION from "../../../docs/migration.md" with { type: "text" };
import MONITORING from "../../../docs/monitoring.md" with { type: "text" };
import NOTIFICATIONS from "../../../docs/notifications.md" with { type: "text" };
import OPERATION from "../../../docs/operation.md" with { type: "text" };
import RECORDING from "../../../docs/recording.md" with { type: "text" };
import SECURITY from "../../../docs/security.md" with { type: "text" };
import VERDICT from "../../../docs/verdict.md" with { type: "text" };
import type { DocumentName } from "../../codes/document_names.ts";

/** Their Markdown. */
export const DOCUMENTS: Readonly<Record<DocumentName, string>> = {
  alarms: ALARMS,
  api: API,
  checks: CHECKS,
  configuration: CONFIGURATION,
  doctor: DOCTOR,
  install: INSTALL,
  migration: MIGRATION,
  monitoring: MONITORING,
  notifications: NOTIFICATIONS,
  operation: OPERATION,
  recording: RECORDING,
  security: SECURITY,
  verdict: VERDICT,
};
