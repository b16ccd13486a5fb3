/** What the columns of each table are called, in the order in which the server sends them (PictureMaker.cs, TreeMaker.cs). */
export const tables = {
  totals: ['nodes', 'links', 'streams', 'live', 'viewers', 'bitsIn', 'bitsOut', 'refused', 'keyframesAsked', 'recordings', 'takeovers'],
  nodes: ['region', 'zone', 'state', 'answers', 'roles', 'url', 'viewers', 'places', 'children', 'bits', 'bitsPossible', 'busy', 'share', 'streams', 'refused', 'keyframesAsked'],
  links: ['parent', 'child', 'streams', 'standbys', 'bits', 'lost', 'roundTrip', 'layers'],
  streams: ['live', 'root', 'viewers', 'nodes', 'depth', 'bits', 'lost', 'roundTrip', 'packetsLost', 'repaired', 'keyframeRequests', 'keyframes', 'tracks', 'layers', 'recording', 'began', 'sessions'],
  events: ['at', 'kind', 'node', 'subject', 'text'],
};

/** The only table of a stream that is followed. */
export const places = ['root', 'parent', 'standby', 'next', 'depth', 'viewers', 'children', 'sessions', 'bits', 'lost', 'roundTrip', 'layers', 'keyframeRequests', 'keyframes', 'recording', 'reason', 'standbyReason'];
