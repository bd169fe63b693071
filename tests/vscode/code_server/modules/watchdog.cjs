// Ends the extension host after its parent: stands in for a module that would have to be compiled.
const LOOK_EVERY_MS = 1000;

exports.start = (parent) => {
  setInterval(() => {
    try {
      process.kill(parent, 0);
    } catch {
      process.exit(0);
    }
  }, LOOK_EVERY_MS).unref();
};

exports.exit = (code) => process.exit(code);
