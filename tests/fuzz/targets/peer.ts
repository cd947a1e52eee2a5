import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { counterpart, differences, statusSettings } from "../../../src/status/peer/settings.ts";
import { exampleInstance, exampleStatus } from "../../front/fake_backend.ts";
import { mutateText } from "../mutate_text.ts";
import { fuzzTarget, must } from "../target.ts";

const ANSWERS = [
  JSON.stringify(exampleStatus()),
  JSON.stringify(exampleStatus({ node: "lb02", instances: [exampleInstance({ vrid: 56 })] })),
  JSON.stringify(exampleStatus({ instances: [exampleInstance({ master: null })] })),
  JSON.stringify(exampleStatus({ instances: [] })),
  "{}",
];
const PIECES = [
  '"state":"backup"',
  '"vrid":255',
  '"faults":["a"]',
  '"addresses":[]',
  '"__proto__":{}',
  "null",
  "1e999",
  "[[[[",
  '"master":{"address":"::","priority":0}',
  '"instances":[]',
];
const OWN = statusSettings(exampleInstance());

export const PEER = fuzzTarget<string>({
  name: "peer",
  title: "Answers of a peer's API: taken and compared with, or refused with what is wrong",
  reaches: ["not JSON", "another status", "no counterpart", "counterpart"],
  make: (random) => mutateText(ANSWERS, PIECES, random),
  check(text) {
    const answer = readPeerAnswer(text);
    if ("problem" in answer) {
      must(answer.problem.length < 2000, "a problem is a sentence");
      return answer.problem.includes("not JSON") ? "not JSON" : "another status";
    }
    const theirs = counterpart(OWN, answer.instances);
    if (theirs === null) return "no counterpart";
    for (const { what } of differences(OWN, theirs)) must(what !== "", "a difference has a name");
    return "counterpart";
  },
  show: (text) => JSON.stringify(text),
});
