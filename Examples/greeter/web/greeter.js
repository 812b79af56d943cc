// SPDX-License-Identifier: Apache-2.0
const server = new URLSearchParams(location.search).get("server") ?? "http://127.0.0.1:8000";
const show = (text) => list.append(Object.assign(document.createElement("li"), { textContent: text }));

async function call(path, message) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(server + path, { method: "POST", headers, body: JSON.stringify(message) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response;
}

try {
  show((await (await call("/Greeter/SayHello", { name: "Connect" })).json()).message);
  show((await (await call("/grpc/greeterservice/sayhello", { name: "gateway" })).json()).message);
  const stream = await call("/grpc/greetingsservice/greetagain", { name: "stream", interval: "0.1s" });
  let rest = "";
  for await (const text of stream.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) show(JSON.parse(line).message + " " + JSON.parse(line).number);
  }
  await call("/grpc/greeterservice/sayhello", { name: "error" });
} catch (error) {
  show(error);
}
document.title = "done";
