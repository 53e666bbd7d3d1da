using Funion.Cli.Anonymity.Simulation;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// A challenge: a fresh secret bit a round says which of two things happens, in a network in which everybody else goes on; the adversary makes features of what
/// he sees. Rounds run in several lanes at once, each with people of its own.
/// </summary>
abstract class Game
{
    /// <summary>As the table names it.</summary>
    public abstract string Name { get; }

    /// <summary>What the secret bit is, in a sentence.</summary>
    public abstract string Question { get; }

    /// <summary>Who the adversary is: what he sees beside the wires, or instead of them.</summary>
    public abstract string View { get; }

    /// <summary>What the control goes without; null: the game has none.</summary>
    public abstract Protections? Control { get; }

    /// <summary>What the control is, in words.</summary>
    public abstract string ControlName { get; }

    /// <summary>Rounds that run beside each other: what lanes do is noise to one another, as in a network with more people.</summary>
    public virtual int Lanes => 12;

    /// <summary>The network.</summary>
    public virtual NetworkDocument Plan() => World.Plan();

    /// <summary>Brings one lane's people into a world.</summary>
    public abstract Lane Enter(Arena arena);
}
