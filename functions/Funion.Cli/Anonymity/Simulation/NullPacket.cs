using Funion.Sphinx;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>A packet of the network's size that carries its route and no cryptography: the way there, the way back, and what waits for its reply.</summary>
/// <param name="forward">To the service.</param>
/// <param name="back">To whoever sent it.</param>
/// <param name="request">What it asks; null for a decoy.</param>
/// <param name="returned">Called when the reply is in the hands of whoever awaits it.</param>
sealed class NullPacket(PathHop[] forward, PathHop[] back, object? request, Action<NullPacket> returned)
{
    int _at;
    bool _answered;

    /// <summary>The hop that has it, or is about to.</summary>
    public PathHop Hop => (_answered ? back : forward)[_at];

    /// <summary>The hop after.</summary>
    public PathHop? Next => _at + 1 < (_answered ? back : forward).Length ? (_answered ? back : forward)[_at + 1] : null;

    /// <summary>What it asks; null for a decoy.</summary>
    public object? Request => request;

    /// <summary>Whether it is on its way back.</summary>
    public bool Answered => _answered;

    /// <summary>What the service said.</summary>
    public object? Reply { get; private set; }

    /// <summary>Somebody changed its payload on the way.</summary>
    public bool Tagged { get; set; }

    /// <summary>When it left its gateway for the first layer, in seconds: what mixes that work together can trace it back to.</summary>
    public double Entered { get; set; } = double.NaN;

    /// <summary>The mailbox at the last gateway; -1: that node itself awaits it.</summary>
    public int Mailbox { get; init; } = -1;

    public void Advance() => _at++;

    public void Answer(object? reply)
    {
        Reply = reply;
        _answered = true;
        _at = 0;
    }

    public void Return() => returned(this);
}
