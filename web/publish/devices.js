/**
 * Fills the device lists and keeps them right when something is plugged in or out.
 * @param {{ camera: HTMLSelectElement, microphone: HTMLSelectElement }} selects
 */
export class DeviceLists {
  #selects;

  constructor(selects) {
    this.#selects = selects;
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.refresh());
  }

  /** Reads the devices anew; names are known only after permission was given. */
  async refresh() {
    const devices = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
    this.#fill(this.#selects.camera, named(devices, 'videoinput', 'Camera'), []);
    this.#fill(this.#selects.microphone, named(devices, 'audioinput', 'Microphone'), [['none', 'No microphone']]);
  }

  /**
   * Shows which device is really in use.
   * @param {'camera' | 'microphone'} kind
   * @param {MediaStreamTrack | undefined} track
   */
  mark(kind, track) {
    const id = track?.getSettings().deviceId;
    const select = this.#selects[kind];
    if (id && [...select.options].some((option) => option.value === id)) select.value = id;
  }

  #fill(select, devices, extra) {
    const chosen = select.value || select.dataset.wanted || '';
    const options = [...(devices.length > 0 ? devices : [['', 'Default']]), ...extra];
    select.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
    if (options.some(([value]) => value === chosen)) select.value = chosen;
  }
}

function named(devices, kind, fallback) {
  return devices
    .filter((device) => device.kind === kind && device.deviceId)
    .map((device, index) => [device.deviceId, device.label || `${fallback} ${index + 1}`]);
}
