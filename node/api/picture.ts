import type { Context, Hono } from "hono";
import { MATRIX_TARGETS, MAX_MATRIX_TARGETS, MAX_SEARCH_CHARS, toHex } from "../../protocol/index.ts";
import type { MatrixQuery, MatrixTarget, PictureView, Point } from "../picture/index.ts";
import type { ApiNode } from "./api-node.ts";
import { BadQuery, cursorOf, limitOf, textOf } from "./paging.ts";
import { problem } from "./problem.ts";
import type { JsonRecord } from "./views.ts";

/** What the dashboard looks at beside status, feeds and findings: the picture, the matrix, the policies, what the streams carried. */
export function addPictureRoutes(app: Hono, node: ApiNode): void {
  app.get("/v1/policies", (context) => context.json({ samebits: 1, policies: node.policies }));
  app.get("/v1/picture", (context) => context.json(pictureView(node.picture.view())));
  app.get("/v1/matrix", async (context) => {
    const query = queryOf(context);
    if (query instanceof BadQuery) return problem(context, 400, "http/bad-query", query.message);
    const { targets, next } = await node.picture.matrix(query);
    return context.json({
      samebits: 1,
      targets: targets.map(targetView),
      next: next === null ? null : toHex(next),
    });
  });
  app.get("/v1/traffic", (context) =>
    context.json({
      samebits: 1,
      rounds: node.traffic.rounds,
      streams: node.traffic.all().map((flow) => ({ ...flow })),
    }),
  );
}

function queryOf(context: Context): MatrixQuery | BadQuery {
  const { show = "all", after } = context.req.query();
  if (show !== "all" && show !== "disagree" && show !== "single")
    return new BadQuery("show: all, disagree or single");
  try {
    return {
      show,
      prefix: textOf(context, "q", MAX_SEARCH_CHARS) ?? "",
      after: after === undefined ? null : cursorOf(after),
      limit: limitOf(context, MATRIX_TARGETS, MAX_MATRIX_TARGETS),
    };
  } catch (error) {
    if (error instanceof BadQuery) return error;
    throw error;
  }
}

function pictureView(picture: PictureView): JsonRecord {
  const { time, looking, unchecked, targets, agreement, byBuilders, history, builders, pairs } = picture;
  return {
    samebits: 1,
    time: time === null ? null : when(time),
    looking,
    unchecked,
    targets,
    by_builders: byBuilders.map((count) => ({ ...count })),
    agreement: { ...agreement },
    history: history.map(pointView),
    builders: builders.map((count) => ({ ...count })),
    pairs: pairs.map((count) => ({ ...count })),
  };
}

function pointView({ time, ...counts }: Point): JsonRecord {
  return { time: when(time), ...counts };
}

function targetView({ steps, cells, ...target }: MatrixTarget): JsonRecord {
  const views = steps.map(({ results, ...step }) => ({
    ...step,
    results: results.map((result) => ({ ...result })),
  }));
  return { ...target, steps: views, cells: cells.map((cell) => ({ ...cell })) };
}

function when(time: number): string {
  return new Date(time).toISOString();
}
