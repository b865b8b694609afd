/** The dashboard: the page that a node serves. */
import { render } from "preact";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Frame } from "./frame.tsx";
import { Live } from "./live.ts";
import type { LiveState } from "./live.ts";
import { readRoute } from "./route.ts";
import type { Route } from "./route.ts";
import { applyTheme, keptTheme } from "./theme.ts";
import { Alerts, Builders, Mesh, Overview, Package, Verify } from "./views/index.ts";

function App({ live }: { readonly live: Live }): VNode {
  const [state, setState] = useState<LiveState>(live.state);
  const [route, setRoute] = useState<Route>(() => readRoute(location.hash));
  useEffect(() => {
    live.follow(setState);
    const turn = (): void => {
      setRoute(readRoute(location.hash));
      scrollTo(0, 0);
    };
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  useEffect(() => {
    const open = route.view === "overview" ? "" : `${route.view}, `;
    document.title = `${open}samebits${state.connection === "lost" ? " (not live)" : ""}`;
  }, [route.view, state.connection]);
  return (
    <Frame live={state} view={route.view}>
      <View route={route} state={state} onAcknowledged={(id, note) => live.acknowledged(id, note)} />
    </Frame>
  );
}

interface ViewProps {
  readonly route: Route;
  readonly state: LiveState;
  readonly onAcknowledged: (id: string, note: string) => void;
}

function View({ route: { view, parameters }, state, onAcknowledged }: ViewProps): VNode {
  switch (view) {
    case "overview":
      return <Overview live={state} />;
    case "package":
      return <Package live={state} parameters={parameters} />;
    case "builders":
      return <Builders live={state} />;
    case "alerts":
      return <Alerts live={state} parameters={parameters} onAcknowledged={onAcknowledged} />;
    case "mesh":
      return <Mesh live={state} />;
    case "verify":
      return <Verify live={state} />;
  }
}

applyTheme(keptTheme());
const place = document.getElementById("app");
if (place !== null) {
  // What the node wrote into the page is for who has no script.
  place.replaceChildren();
  const live = new Live();
  live.start();
  render(<App live={live} />, place);
}
