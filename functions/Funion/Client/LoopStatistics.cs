namespace Funion.Client;

/// <summary>What became of a sender's packets. Loops that do not come back mean that somebody drops packets, or is overloaded.</summary>
/// <param name="PacketsSent">Packets handed to the gateway.</param>
/// <param name="RepliesReceived">Replies that opened.</param>
/// <param name="LoopsReturned">Decoys that came back whole.</param>
/// <param name="LoopsLost">Decoys that did not, long after they should have.</param>
/// <param name="Resends">Requests that were sent again because no answer came.</param>
/// <param name="LoopsSent">Decoys handed to the gateway.</param>
/// <param name="Damaged">Replies that did not open: somebody changed them.</param>
/// <param name="Failures">Packets and polls that the gateway did not take.</param>
/// <param name="LoopsDamaged">Decoys that came back changed.</param>
/// <param name="LoopsLate">Of the decoys that returned: later than their delays and a healthy network explain.</param>
public sealed record LoopStatistics(
    long PacketsSent, long RepliesReceived, long LoopsReturned, long LoopsLost, long Resends, long LoopsSent = 0, long Damaged = 0, long Failures = 0,
    long LoopsDamaged = 0, long LoopsLate = 0);
