// Counts what the operators' page is sent, and notes when it shows the first of it.
globalThis.updates = { count: 0, bytes: 0, shownAt: 0, takeBytes() { const taken = this.bytes; this.bytes = 0; return taken; } };
const RealSocket = globalThis.WebSocket;
globalThis.WebSocket = class extends RealSocket {
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener('message', ({ data }) => {
      const size = data.byteLength ?? data.size ?? data.length;
      updates.bytes += size;
      if (size > 100) updates.count++; // neither a ping nor the handshake
    });
  }
};
addEventListener('DOMContentLoaded', () => {
  const shown = () => {
    const [rows, number] = [document.querySelectorAll('#streams tbody tr').length, document.querySelector('#totals dd')?.textContent];
    if (rows > 5 && number !== '–') requestAnimationFrame(() => setTimeout(() => { updates.shownAt = performance.now(); }));
    else requestAnimationFrame(shown);
  };
  shown();
});
