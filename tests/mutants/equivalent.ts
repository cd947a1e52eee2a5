/** Breaks that change nothing that anybody could see, each with its proof. */

import { nameKey, type SiteName } from "./sites.ts";

export interface Equivalent extends SiteName {
  /** Why no test can see a difference between the broken code and the whole one. */
  readonly proof: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: "src/keepalived/resolve/tracks.ts",
    function: "resolveTracks",
    before: "const way = JSON.stringify([target.key, target.name, weight === undefined]);",
    after: "const way = JSON.stringify([target.key, target.name, weight !== undefined]);",
    proof:
      "The texts are only compared with each other, and either word tells the same two cases apart.",
  },
  {
    file: "src/keepalived/resolve/tracks.ts",
    function: "resolveTarget",
    before: "if (found.partial.statement.order > statement.order) {",
    after: "if (found.partial.statement.order >= statement.order) {",
    proof: "Each statement has a number of its own, and an entry is not the block that it names.",
  },
  {
    file: "src/keepalived/syntax/parse.ts",
    function: "Parser.#count",
    before: "#count = 0;",
    after: "#count = 1;",
    proof: "The numbers of statements are only compared with each other.",
  },
  {
    file: "src/keepalived/syntax/lines.ts",
    function: "cut",
    before: "if (text.length * UNIT_OCTETS < LINE_OCTETS) return line;",
    after: "",
    proof:
      "It spares the encoding of a short line. A unit has three octets at most, so that the next question has the same " +
      "answer.",
  },
  {
    file: "src/keepalived/syntax/parameters.ts",
    function: "Parameters.expand",
    before: 'if (!line.includes("$")) return { ok: true, text: line };',
    after: "",
    proof:
      "It spares the searches in a line without a parameter. Each of them needs a $, so that the first round ends with " +
      "the line as it is.",
  },
  {
    file: "src/wire/filters/notification_filter.ts",
    function: "ROUTE_ATTRIBUTES_AT",
    before: "const ROUTE_ATTRIBUTES_AT = OBJECT_AT + 12;",
    after: "const ROUTE_ATTRIBUTES_AT = OBJECT_AT - 12;",
    proof:
      "A search for attributes from octet 4 takes the type of the message, RTM_NEWROUTE or 24, for the length of a " +
      "first attribute and goes on at octet 28, where the attributes begin.",
  },
  {
    file: "src/doctor/iptables.ts",
    function: "readRule",
    before: "for (let at = 0; at < words.length; at++) {",
    after: "for (let at = 0; at <= words.length; at++) {",
    proof:
      "Only a rule without a target is read to its end, and one more match of it that nobody knows does not count: it " +
      "decides nothing, whatever it matches.",
  },
  {
    file: "src/wire/der.ts",
    function: "elements",
    before: "const first = octets[at + 1] ?? 0;",
    after: "const first = octets[at + 1] ?? 1;",
    proof:
      "The octet is missing only if the tag is the last one: then the element begins behind the end, whatever its length, " +
      "and that throws.",
  },
  {
    file: "src/node/instance/adverts/advert_alarms.ts",
    function: "AdvertAlarms.#otherMasterGone",
    before: 'if (!this.#standing.delete("split_brain_advert")) return;',
    after: "",
    proof:
      "Nobody else raises this alarm, so that without an entry there is none to withdraw. An entry that stays is read " +
      "only to withdraw the alarm of its source once more; another source's takes its place.",
  },
  ...["offsetMs >= 0", "offsetMs > 1"].map((after) => ({
    file: "src/status/pair/verdict.ts",
    function: "clockReason",
    before: 'const way = offsetMs > 0 ? "ahead of" : "behind";',
    after: `const way = ${after} ? "ahead of" : "behind";`,
    proof: "There is no such reason for clocks that differ by less than a second.",
  })),
  {
    file: "src/status/text/alarm_groups.ts",
    function: "alarmText",
    before: "return JSON.stringify([code, message, hint, subject === null]);",
    after: "return JSON.stringify([code, message, hint, subject !== null]);",
    proof: "The texts are only compared, and truths are equal exactly where their opposites are.",
  },
  ...["", "if (!this.#error) return true;"].map((after) => ({
    file: "src/node/instance/adverts/send_stall.ts",
    function: "SendStall.#forget",
    before: "if (!this.#error) return false;",
    after,
    proof:
      "Without an error all that it resets is as at the beginning: each of these begins with one. The alarm that is then " +
      "withdrawn is raised here alone, with an error.",
  })),
  ...["payload.length <= 8", "payload.length < 9"].map((after) => ({
    file: "src/wire/netlink/netlink.ts",
    function: "decodeAcknowledgement",
    before: "const echoed = flags & NLM_F_CAPPED || payload.length < 8",
    after: `const echoed = flags & NLM_F_CAPPED || ${after}`,
    proof:
      "Of eight octets no attribute is left, whatever the length of the echo: if it is 0, the attributes begin with it, " +
      "and none has that length.",
  })),
  {
    file: "src/wire/netlink/route_attributes.ts",
    function: "decodeRouteOptions",
    before: "const locked = valueOf(RTAX_LOCK) ?? 0;",
    after: "const locked = valueOf(RTAX_LOCK) ?? 1;",
    proof: "No option has the number 0, which that bit would lock.",
  },
  ...[
    [
      'jumpIfEqual(family === "ipv4" ? AF_INET : AF_INET6, 0, 0)],',
      'jumpIfEqual(family === "ipv4" ? AF_INET : AF_INET6, 0, 1)],',
      "[loadOctet(OBJECT_AT), ",
    ],
    [
      "jumpIfEqual(to?.prefixLength ?? 0, 0, 0)],",
      "jumpIfEqual(to?.prefixLength ?? 0, 0, 1)],",
      "[loadOctet(ROUTE_PREFIX_LENGTH_AT), ",
    ],
    [
      "jumpIfEqual(viewOf(parseIp(to.address)!).getUint32(0), 0, 0),",
      "jumpIfEqual(viewOf(parseIp(to.address)!).getUint32(0), 0, 1),",
      "",
    ],
  ].map(([before, after, head]) => ({
    file: "src/wire/filters/notification_filter.ts",
    function: "passDestination",
    before: `${head}${before}`,
    after: `${head}${after}`,
    proof: "The way on where a comparison fails is written over below.",
  })),
  {
    file: "src/wire/filters/notification_filter.ts",
    function: "swapped",
    before: "const view = new DataView(new ArrayBuffer(4));",
    after: "const view = new DataView(new ArrayBuffer(5));",
    proof: "Only its first four octets are written and read.",
  },
  {
    file: "src/wire/address.ts",
    function: "parseIpv4",
    before: "if (!(digit >= 0 && digit <= 9) || digits > 0 && value === 0) return null;",
    after: "if (!(digit >= 0 && digit <= 10) || digits > 0 && value === 0) return null;",
    proof: "The character behind 9 is a colon: a text with one is never read as IPv4.",
  },
  {
    file: "src/wire/address.ts",
    function: "compareIp",
    before: "for (let i = 0; i < Math.max(left.length, right.length); i++) {",
    after: "for (let i = 0; i <= Math.max(left.length, right.length); i++) {",
    proof: "Behind the ends of both there are two zeros, which do not differ.",
  },
  ...["first <= 0x80", "first < 0x81"].map((after) => ({
    file: "src/wire/der.ts",
    function: "elements",
    before: "const more = first < 0x80 ? 0 : first & 0x7f;",
    after: `const more = ${after} ? 0 : first & 0x7f;`,
    proof: "The lower bits of 0x80 are 0, too.",
  })),
  {
    file: "src/doctor/iptables.ts",
    function: "addressMatches",
    before: "const length = lengthText === undefined ? 8 * wanted.length : Number(lengthText);",
    after: "const length = lengthText === undefined ? 9 * wanted.length : Number(lengthText);",
    proof:
      "Of each octet at most eight bits are compared, and eight for each octet are all there are.",
  },
  {
    file: "src/doctor/link_rules.ts",
    function: "interfaceFindings",
    before: "if (possible.length > 0) {",
    after: "if (possible.length > 1) {",
    proof: "The search, `ambiguousSources`, returns several addresses, or none.",
  },
  {
    file: "src/monitor/monitor.ts",
    function: "VrrpMonitor.routers",
    before: ".sort((a, b) => order(a) < order(b) ? -1 : 1)",
    after: ".sort((a, b) => order(a) < order(b) ? -2 : 1)",
    proof: "A sort reads only the sign of what the comparison returns.",
  },
  {
    file: "src/monitor/monitor.ts",
    function: "VrrpMonitor.routers",
    before: ".sort((a, b) => order(a) < order(b) ? -1 : 1)",
    after: ".sort((a, b) => order(a) < order(b) ? -1 : 2)",
    proof: "A sort reads only the sign of what the comparison returns.",
  },
  {
    file: "src/monitor/monitor.ts",
    function: "VrrpMonitor.routers.order",
    before: "`${name} ${String(vrid).padStart(3)} ${family}`;",
    after: "`${name} ${String(vrid).padStart(4)} ${family}`;",
    proof: "No VRID has more than three digits: each gets the same spaces more.",
  },
  {
    file: "src/monitor/findings.ts",
    function: "findingsOf",
    before: "if (differ(senders, ({ hmacKey }) => hmacKey === null)) {",
    after: "if (differ(senders, ({ hmacKey }) => hmacKey !== null)) {",
    proof: "Truths differ exactly where their opposites do.",
  },
  {
    file: "src/node/instance/sole_backup_watch.ts",
    function: "SoleBackupWatch.heard",
    before: "if (routers.heardAgain(from, this.#nowMs)) return null;",
    after: "",
    proof:
      "The way without it comes to the same for such a router, only slower: it stays the other node, its time is now, " +
      "and there is no third router. None is written down either, because what was is retained with each that goes.",
  },
  ...["if (config === this.#seen) return this.#known;", "this.#seen = config;"].map((before) => ({
    file: "src/node/instance/sole_backup_watch.ts",
    function: "SoleBackupWatch.#routers",
    before,
    after: "",
    proof:
      "It spares putting the audience into words for each advert. The same configuration has the same one, and with that " +
      "the next question ends it.",
  })),
  ...["#times", "#firstMs"].map((field) => ({
    file: "src/node/instance/adverts/advert_alarms.ts",
    function: `Debounce.${field}`,
    before: `${field} = 0;`,
    after: `${field} = 1;`,
    proof: "The first event sets it: none is near before it.",
  })),
  {
    file: "src/node/checks/running_check.ts",
    function: "RunningCheck.#recoverySinceMs",
    before: "#recoverySinceMs = 0;",
    after: "#recoverySinceMs = 1;",
    proof: "It is read of a recovery alone, and each recovery writes it when it begins.",
  },
  {
    file: "src/node/checks/running_check.ts",
    function: "RunningCheck.#recover",
    before: "if (!onFail) return;",
    after: "",
    proof: "Only a check with such a command ever recovers. The guard is there for the types.",
  },
  {
    file: "src/node/resources/virtual_routing.ts",
    function: "VirtualRouting.hostChanged",
    before: "if (this.none) return;",
    after: "",
    proof:
      "It spares the look at the host's routes. Of no entry none is gone or altered, so that the next question ends it.",
  },
  {
    file: "src/vip/routing.ts",
    function: "routingDrift",
    before:
      'if (desired.kind === "rule" || actual.kind === "rule") return actual.more ? ["selectors"] : [];',
    after:
      'if (desired.kind === "rule" && actual.kind === "rule") return actual.more ? ["selectors"] : [];',
    proof:
      "Only entries of one identity are compared, and the kind is part of it: both are rules, or neither is. The second " +
      "half is there for the types.",
  },
  {
    file: "src/keepalived/programs.ts",
    function: "programDiagnostics.about",
    before: 'const { file, line, keyword } = origin ?? { file: "", line: 1, keyword: key };',
    after: 'const { file, line, keyword } = origin ?? { file: "", line: 2, keyword: key };',
    proof:
      "Each check and each notification with a program comes from a statement, which is noted as its place.",
  },
  {
    file: "src/nginx/syntax.ts",
    function: "readDirectives",
    before: "let line = 0;",
    after: "let line = 1;",
    proof: "Each directive has a word, and the first one of it sets the line.",
  },
  {
    file: "src/keepalived/explain.ts",
    function: "withoutSecrets",
    before: "if (!HAS_SECRET.test(shown)) return shown;",
    after: "",
    proof:
      "It spares the searches in a line without a secret. Each of them needs one of the words that it looks for, or " +
      "what the first of them has found.",
  },
  {
    file: "src/keepalived/syntax/lines.ts",
    function: "UNIT_OCTETS",
    before: "const UNIT_OCTETS = 3;",
    after: "const UNIT_OCTETS = 4;",
    proof: "Some lines more are encoded, and are as short as they were.",
  },
  {
    file: "src/node/journal/alarms.ts",
    function: "Alarms.#end",
    before: "if (ofSubject?.size === 0) this.#places.delete(alarm.subject);",
    after: "if (ofSubject?.size === 0) {}",
    proof:
      "An empty map of a subject answers as none does; it goes so that no memory is kept for it.",
  },
  {
    file: "src/node/pair/dropping_rules.ts",
    function: "DroppingRules.of",
    before: "if (this.#reads.size > 0) {",
    after: "if (this.#reads.size >= 0) {",
    proof: "It spares the keys while nothing was read: an empty map has nothing to delete.",
  },
  {
    file: "src/node/resources/virtual_addresses.ts",
    function: "VirtualAddresses.#waitWith",
    before:
      "const untilMs = Math.max(...this.#waiting.map((it) => this.#ownLost.awaitedUntilMs(it) ?? 0));",
    after:
      "const untilMs = Math.max(...this.#waiting.map((it) => this.#ownLost.awaitedUntilMs(it) ?? 1));",
    proof:
      "Those that begin to wait are awaited until later than either, and the latest time counts.",
  },
  {
    file: "src/node/links/ports.ts",
    function: "slotKey",
    before: 'return family === "ipv4" ? interfaceName : `${interfaceName} ${family}`;',
    after: 'return family !== "ipv4" ? interfaceName : `${interfaceName} ${family}`;',
    proof:
      "The keys are only compared with each other. Either way one family of an interface has its name and the other has " +
      "more, and no name has a space.",
  },
  {
    file: "src/node/resources/reconciler.ts",
    function: "Reconciler.#tooEarly",
    before: "#tooEarly = false;",
    after: "#tooEarly = true;",
    proof:
      "Before the first `desire`, which sets it, there is nothing that `again` could add or remove.",
  },
  {
    file: "src/node/instance/reassertion.ts",
    function: "Reassertion.#masterSinceMs",
    before: "#masterSinceMs = 0;",
    after: "#masterSinceMs = 1;",
    proof: "Only a master hears a weaker one, and each mastership sets it when it begins.",
  },
  {
    file: "src/node/instance/sync_group.ts",
    function: "SyncGroup.#unsettled",
    before: "#unsettled = false;",
    after: "#unsettled = true;",
    proof: "Nothing reads it before `conditionsChanged` sets it.",
  },
  {
    file: "src/node/instance/third_routers.ts",
    function: "ThirdRouters.#changed",
    before: "#changed = false;",
    after: "#changed = true;",
    proof: "Nothing is written before `#becomes` sets it.",
  },
  {
    file: "src/node/goodbye.ts",
    function: "lastingOf",
    before: "const own = owned.routing && routing.length > 0 ? host.ownRouting() : [];",
    after: "const own = owned.routing && routing.length >= 0 ? host.ownRouting() : [];",
    proof: "It spares the look at the host's routes: of no entry none is among them.",
  },
  {
    file: "src/keepalived/syntax/sequences.ts",
    function: "countingRounds",
    before: "for (let value = start; step > 0 ? value <= end : value >= end; value += step) {",
    after: "for (let value = start; step >= 0 ? value <= end : value >= end; value += step) {",
    proof: "No range has the step 0: `rangeOf` makes none of it.",
  },
  ...[["source", "8, 24", "8, 25"], ["destination", "24, 40", "24, 41"]].map((
    [field, octets, more],
  ) => ({
    file: "src/wire/ipv6.ts",
    function: "parseIpv6Datagram",
    before: `${field}: formatIp(octets.subarray(${octets})),`,
    after: `${field}: formatIp(octets.subarray(${more})),`,
    proof: "Whatever has not four octets is read as IPv6, and of that 16 octets are read.",
  })),
  ...["#masterDownAtMs", "#adverAtMs", "#handOverAtMs"].map((field) => ({
    file: "src/vrrp/router_timers.ts",
    function: `RouterTimers.${field}`,
    before: `${field} = 0;`,
    after: `${field} = 1;`,
    proof:
      "A deadline counts only in the state whose timer it is, and a router that gets there arms the timer.",
  })),
  {
    file: "src/vrrp/priority.ts",
    function: "reasonOf",
    before: "const counts = weight > 0 ? ok === true : ok === false;",
    after: "const counts = weight >= 0 ? ok === true : ok === false;",
    proof: "No weight is 0: the configuration refuses it.",
  },
  {
    file: "src/vrrp/sole_backup.ts",
    function: "SoleBackup.#followClock",
    before: "if (atMs > nowMs) this.#third.set(address, nowMs);",
    after: "if (atMs >= nowMs) this.#third.set(address, nowMs);",
    proof: "Of a router that was heard now the same time is written again.",
  },
  {
    file: "src/vrrp/receive.ts",
    function: "authenticationError",
    before: "difference |= octet ^ (received.data[index] ?? 0);",
    after: "difference |= octet ^ (received.data[index] ?? 1);",
    proof: "Both fields have eight octets. The default is there for the types.",
  },
  {
    file: "src/vrrp/backup.ts",
    function: "Backup.#heardMs",
    before: "#heardMs = 0;",
    after: "#heardMs = 1;",
    proof: "Everybody asks for it of a backup alone, and each that becomes one writes it.",
  },
  {
    file: "src/vrrp/router.ts",
    function: "VirtualRouter.#farewellDue",
    before: "#farewellDue = false;",
    after: "#farewellDue = true;",
    proof: "It is read of a master alone, and each that becomes one writes it.",
  },
  {
    file: "src/vrrp/priority.ts",
    function: "changeByNumber",
    before: "const change = number * weight * (reverse ? -1 : 1);",
    after: "const change = number * weight / (reverse ? -1 : 1);",
    proof: "By 1 and by -1 a division gives what a product gives.",
  },
  {
    file: "src/vrrp/election.ts",
    function: "outranks",
    before: "if (one.priority !== other.priority) return one.priority > other.priority;",
    after: "if (one.priority !== other.priority) return one.priority >= other.priority;",
    proof: "Only priorities that differ are compared there.",
  },
  {
    file: "src/wire/nftables/nft.ts",
    function: "NLM_F_APPEND",
    before: "const NLM_F_APPEND = 0x800;",
    after: "const NLM_F_APPEND = 0x801;",
    proof: "The bit more is NLM_F_REQUEST, which each message of a transaction has.",
  },
  {
    file: "src/node/overrides/override_store.ts",
    function: "OverrideStore.#change",
    before: "#change = 0;",
    after: "#change = 1;",
    proof:
      "It is only compared with the count of what is written, after it was counted up: then it is greater either way.",
  },
  {
    file: "src/node/resources/refused_fault.ts",
    function: "RefusedFault.reconfigure",
    before: "if (!this.#fault) return;",
    after: "",
    proof:
      "Without a fault no timer of one runs and the kernel is not asked, so that there is nothing to forget; and the " +
      "alarm says what it said.",
  },
  {
    file: "src/node/resources/refused_fault.ts",
    function: "RefusedFault.#askKernelFrom",
    before: "if (this.#heardMs < silentSinceMs && this.#context.nothingToServe()) {",
    after: "if (this.#heardMs <= silentSinceMs && this.#context.nothingToServe()) {",
    proof:
      "A silence after which the kernel is asked begins after the last advert before it, and has lasted for long when " +
      "the next one is heard.",
  },
  {
    file: "src/node/resources/refused_resources.ts",
    function: "RefusedResources.#asked",
    before: "#asked = false;",
    after: "#asked = true;",
    proof:
      "It is read of one that serves alone and misses nothing. What such a one had missed went with `released`, which " +
      "sets it.",
  },
  {
    file: "src/node/overrides/override_origins.ts",
    function: "decode",
    before: 'if (found.kind !== "text") return [];',
    after: "",
    proof:
      "Without a text JSON.parse throws, of which nothing is known either. The guard is there for the types.",
  },
  {
    file: "src/node/overrides/overrides.ts",
    function: "Overrides.#sinceMs",
    before: "#sinceMs = 0;",
    after: "#sinceMs = 1;",
    proof: "It is read of an override that stands, and each one sets it.",
  },
  {
    file: "src/node/pair/peer_watch.ts",
    function: "PeerWatch.#clearOtherMaster",
    before: "if (!this.#named.delete(instance)) return;",
    after: "",
    proof:
      "Nobody else raises this alarm, so that without a peer that it names there is none to withdraw.",
  },
  {
    file: "src/node/pair/peer_watch.ts",
    function: "changeMs",
    before:
      "return Math.max(1.1 * Math.max(ownMs, theirs.advert_interval_ms ?? 0), LEAST_CHANGE_MS);",
    after:
      "return Math.max(1.1 * Math.max(ownMs, theirs.advert_interval_ms ?? 1), LEAST_CHANGE_MS);",
    proof: "The own interval is ten milliseconds at least, and the longer one counts.",
  },
  {
    file: "src/node/pair/pair_facts.ts",
    function: "KnownPeer.constructor",
    before:
      "this.#routers = before?.status.instances === status.instances ? before.#routers : null;",
    after: "",
    proof:
      "It spares grouping the same list once more. What is missing is grouped when it is asked for.",
  },
  {
    file: "src/node/checks/running_check.ts",
    function: "RunningCheck.#run",
    before: "#run = 0;",
    after: "#run = 1;",
    proof: "The numbers of probers are only compared with each other.",
  },
  {
    file: "src/nginx/syntax.ts",
    function: "parseText",
    before: "if (!(error instanceof NginxSyntaxError)) throw error;",
    after: "",
    proof:
      "Nothing that reads throws another error; a defect would be reported as one of the file.",
  },
  {
    file: "src/recording/recording_timers.ts",
    function: "RecordingTimers.#fired",
    before: "const dueMs = setting.dueMs ?? 0;",
    after: "const dueMs = setting.dueMs ?? 1;",
    proof: "A timer that fires was set, so it has a deadline.",
  },
  {
    file: "src/wire/netlink/routing.ts",
    function: "routeHasMore",
    before:
      "return sourceLength !== 0 || hasOtherMetrics(attributes.get(RTA_METRICS) ?? new Uint8Array(0)) ||",
    after:
      "return sourceLength !== 0 || hasOtherMetrics(attributes.get(RTA_METRICS) ?? new Uint8Array(1)) ||",
    proof: "One octet is no attribute either: a header has four.",
  },
];

/** The entries that fit no site any more. */
export function stale(
  entries: readonly Equivalent[],
  sites: readonly SiteName[],
): Equivalent[] {
  const names = new Set(sites.map(nameKey));
  return entries.filter((entry) => !names.has(nameKey(entry)));
}
