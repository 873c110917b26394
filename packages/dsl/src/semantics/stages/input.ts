import { report } from "../../diagnostics/create-diagnostic.js";
import type { Fix, Span } from "../../diagnostics/diagnostic.js";
import type { ArrowPlace } from "../arrows.js";
import type { Frame } from "../frame.js";
import { insertBefore } from "../places.js";
import { isEvents, takePart } from "../ports.js";
import { typeName } from "../type-names.js";
import {
  type BoundCall,
  type DatasetType,
  type EventsRef,
  isTeacher,
  isUnknown,
  type LessonValue,
  type RefValue,
  type TeacherRef,
  type Value,
} from "../values.js";

/** What a stage needs to make its result. */
export interface StageContext {
  readonly call: BoundCall;
  readonly place: ArrowPlace;
  readonly frame: Frame;
}

/** The name of a call where it stands in the chain; a stage that is bound elsewhere is a name itself. */
export function headOf(call: BoundCall, { target }: ArrowPlace): Span {
  const isWrittenHere =
    target.file === call.span.file && target.start === call.span.start && target.end === call.span.end;
  return isWrittenHere ? call.calleeSpan : target;
}

export interface NamedTeacher {
  readonly label: string | null;
  readonly ref: TeacherRef;
  readonly span: Span;
}

export type AcceptedInput =
  | { readonly kind: "dataset"; readonly ref: RefValue & { readonly type: DatasetType } }
  | { readonly kind: "events"; readonly ref: EventsRef }
  | { readonly kind: "lesson"; readonly lesson: LessonValue }
  | { readonly kind: "teachers"; readonly teachers: readonly NamedTeacher[]; readonly list: boolean };

/** A value as the primary input of a stage; null when it does not fit, which has then been reported. */
export function acceptInput(call: BoundCall, value: Value, place: ArrowPlace, frame: Frame): AcceptedInput | null {
  const { input } = call.signature;
  if (!input || isUnknown(value)) return null;
  if (value.kind === "list") {
    const found = value.elements.map((element) => acceptOne(call, element.value, element.label, element.span));
    const fits = found.length > 0 && found.every((item) => item !== null);
    if (input.list === "one") return refuseList(call, fits, value, place, frame);
    if (!fits) return refuse(call, value, place, frame);
    const teachers = found.flatMap((item) => (item?.kind === "teachers" ? item.teachers : []));
    return { kind: "teachers", teachers, list: true };
  }
  const found = acceptOne(call, value, null, place.inputSpan);
  if (!found) return refuse(call, value, place, frame);
  if (input.list === "many") return refuseSingle(call, place, frame);
  return found;
}

function acceptOne(call: BoundCall, value: Value, label: string | null, span: Span): AcceptedInput | null {
  const input = call.signature.input!;
  if (value.kind === "lesson") return input.lesson ? { kind: "lesson", lesson: value } : null;
  if (value.kind !== "ref") return null;
  switch (input.takes) {
    case "Events":
      return isEvents(value) ? { kind: "events", ref: value } : null;
    case "Dataset":
      return value.type.kind === "Dataset" ? { kind: "dataset", ref: { ...value, type: value.type } } : null;
    default: {
      const { type } = value;
      if (!isTeacher(type) || (input.takes === "Model" && type.kind !== "Model")) return null;
      return { kind: "teachers", list: false, teachers: [{ label, ref: { ...value, type }, span }] };
    }
  }
}

/** The input of a stage as its type is written. */
function expectedInput(call: BoundCall): string {
  const input = call.signature.input!;
  const single = input.takes === "Events" ? "Events (train)" : input.takes;
  if (input.lesson) return `${single} or a Lesson`;
  if (input.list === "either") return `${single} or ${single}[]`;
  return input.list === "many" ? `${single}[]` : single;
}

function refuse(call: BoundCall, value: Value, place: ArrowPlace, frame: Frame): null {
  const input = call.signature.input!;
  const isSplit = value.kind === "ref" && value.type.kind === "Split";
  const fixes = input.takes === "Events" && isSplit && place.input ? [takePart(place.input, "train")] : [];
  const notes: string[] = [];
  if (value.kind === "ref" && value.type.kind === "Dataset" && input.takes === "Events") {
    notes.push("split the data set first: `-> leave_one_out()` gives `.train`, `.valid` and `.test`");
  }
  if (value.kind === "lesson" && call.signature.kind === "model") {
    notes.push(`\`${call.callee}\` is computed in closed form and cannot be taught`);
  }
  const params = { callee: call.callee, expected: expectedInput(call), actual: typeName(value) };
  const related = [{ span: place.inputSpan, label: typeName(value) }];
  frame.session.reporter.add(
    report("KDP2203", params, headOf(call, place), { variant: "input", fixes, notes, related }),
  );
  return null;
}

function refuseList(call: BoundCall, fits: boolean, value: Value, place: ArrowPlace, frame: Frame): null {
  if (!fits) return refuse(call, value, place, frame);
  const fixes = [insertBefore("apply it to each element", place.target, "each ")];
  const params = { callee: call.callee, expected: call.signature.input!.takes };
  const related = [{ span: place.inputSpan, label: typeName(value) }];
  frame.session.reporter.add(report("KDP2210", params, headOf(call, place), { fixes, related }));
  return null;
}

function refuseSingle(call: BoundCall, place: ArrowPlace, frame: Frame): null {
  const fixes: Fix[] = [];
  if (place.input) {
    const { file, start, end } = place.input.span;
    fixes.push({
      title: "write a list of one",
      edits: [
        { span: { file, start, end: start }, text: "[" },
        { span: { file, start: end, end }, text: "]" },
      ],
    });
  }
  const params = { callee: call.callee, expected: call.signature.input!.takes };
  const related = [{ span: place.inputSpan, label: "one" }];
  frame.session.reporter.add(report("KDP2211", params, headOf(call, place), { fixes, related }));
  return null;
}
