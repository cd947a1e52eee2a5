/** What can be wrong with a sync group. */

import { instance, testWrong } from "./support.ts";

/** Two instances A and B, and these groups. */
function groups(...entries: string[]): string {
  const list = entries.map((entry) => `  - ${entry}\n`).join("");
  const [a, b] = [instance("name: A"), instance("name: B", "vrid: 9", "addresses: [10.0.0.9]")];
  return `instances:\n${a}${b}sync_groups:\n${list}`;
}

testWrong([
  ["a mistyped name", groups("{ name: SG, instances: [A, »b] }"), "unknown_instance", /`B`/],
  [
    "a name that is not there",
    groups("{ name: SG, instances: [A, B, »VI_77] }"),
    "unknown_instance",
    /there are: A, B/,
  ],
  [
    "twice in one group",
    groups("{ name: SG, instances: [A, B, »A] }"),
    "instance_in_two_groups",
    /stands in this group twice/,
  ],
  [
    "one of three in two groups",
    groups("{ name: SG, instances: [A, B] }", "{ name: other, instances: [»B, C] }")
      .replace(
        "instances:\n",
        `instances:\n${instance("name: C", "vrid: 7", "addresses: [10.0.0.7]")}`,
      ),
    "instance_in_two_groups",
    /"B" is in the sync group "SG" already/,
  ],
  [
    "two groups of one name",
    groups("{ name: SG, instances: [A, B] }", "{ name: »SG, instances: [C, D] }").replace(
      "instances:\n",
      `instances:\n${instance("name: C", "vrid: 7", "addresses: [10.0.0.7]")}${
        instance("name: D", "vrid: 8", "addresses: [10.0.0.8]")
      }`,
    ),
    "duplicate_sync_group",
    /sync_groups\[0\]/,
  ],
  ["no instance", groups("{ name: SG, instances: »[] }"), "out_of_range", /the list is empty/],
  ["no instances", groups("»{ name: SG }"), "missing_key", /instances: \[VI_1, VI_2\]/],
]);

testWrong([
  [
    "members with different priorities",
    groups("{ name: SG, instances: »[A, B] }").replace("vrid: 9", "vrid: 9\n    priority: 150"),
    "sync_group_priorities",
    /A 100, B 150; give them one priority/,
  ],
], "warning");
