namespace Funion.Cli.Anonymity.Simulation;

/// <summary>What an attacker does to packets on their way.</summary>
abstract class Interference
{
    /// <summary>Whether a packet that arrives goes on; <paramref name="extra"/>: later than it should. May tag it.</summary>
    public abstract bool Passes(int from, int to, NullPacket packet, out TimeSpan extra);
}
