/** The views, one a file. */
export { Alerts } from "./alerts.tsx";
export { Builders } from "./builders.tsx";
export { Mesh } from "./mesh.tsx";
export { Overview } from "./overview.tsx";
export { Package } from "./package.tsx";
export { Verify } from "./verify.tsx";
