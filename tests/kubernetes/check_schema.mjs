// Checks Kubernetes objects (YAML, standard input) against the API's schemas, as the npm package kubernetes-models has them:
// what is missing, of a wrong type, or of a name that the API does not know. A line for each fault; exit code 1 if there are any.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// The packages lie where ./dev puts its tools.
const load = (file) => import(pathToFileURL(`${process.argv[2]}/node_modules/${file}`));
const { parseAllDocuments } = (await load("yaml/dist/index.js")).default;

// The schemas' code reads every key that it knows. So keys that were never read are unknown.
function watched(value, path, unread) {
  if (value === null || typeof value !== "object") return value;
  const inner = Array.isArray(value) ? [] : {};
  for (const key of Object.keys(value)) {
    inner[key] = watched(value[key], `${path}/${key}`, unread);
    unread.add(`${path}/${key}`);
  }
  return new Proxy(inner, {
    get(target, key) {
      unread.delete(`${path}/${String(key)}`);
      return target[key];
    },
  });
}

let faults = 0;
function fault(object, words) {
  faults += 1;
  console.log(`${object.kind} ${object.metadata?.name}: ${words}`);
}

for (const document of parseAllDocuments(readFileSync(0, "utf8"))) {
  const object = document.toJS();
  const kinds = await load(`kubernetes-models/${object.apiVersion}/index.js`);
  const Kind = kinds[object.kind];
  if (Kind === undefined) {
    fault(object, `${object.apiVersion} has no such kind`);
    continue;
  }
  const unread = new Set();
  try {
    Kind.prototype.validate.call(watched(object, "", unread));
  } catch (error) {
    fault(object, error.message);
    continue;
  }
  for (const path of unread) {
    // Of an unknown key the keys inside are unread too.
    if (!unread.has(path.slice(0, path.lastIndexOf("/")))) fault(object, `${path}: the API knows no such key`);
  }
}
process.exit(faults === 0 ? 0 : 1);
