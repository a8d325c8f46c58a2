/** How the device itself is: its battery and its disk, as far as the browser tells. */

/** {battery?: {percent, charging}, storage?: {free, persistent}}; free in bytes. */
export async function deviceCondition() {
  const [battery, storage] = await Promise.all([readBattery(), readStorage()].map((read) => read.catch(() => null)));
  return { ...(battery ? { battery } : {}), ...(storage ? { storage } : {}) };
}

async function readBattery() {
  if (!navigator.getBattery) return null;
  const { level, charging } = await navigator.getBattery();
  return { percent: Math.round(level * 100), charging };
}

async function readStorage() {
  const { quota, usage } = await navigator.storage.estimate();
  return { free: Math.max(0, Math.round(quota - usage)), persistent: await navigator.storage.persisted() };
}

/** Ask the browser never to clear the store when the disk runs full. */
export function askForPersistence() {
  navigator.storage?.persist?.().catch(() => {});
}
