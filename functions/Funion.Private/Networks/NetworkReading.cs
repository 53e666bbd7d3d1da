namespace Funion.Private.Networks;

/// <summary>A network, or all the reasons why a file is none.</summary>
/// <param name="Outcome">What it is.</param>
/// <param name="Network">The network, for <see cref="NetworkOutcome.Ok"/>.</param>
/// <param name="Problems">One sentence's worth each; none for <see cref="NetworkOutcome.Ok"/>.</param>
public sealed record NetworkReading(NetworkOutcome Outcome, FloatNetwork? Network, IReadOnlyList<string> Problems)
{
    /// <summary>The problems in one line.</summary>
    public override string ToString() => Outcome switch
    {
        NetworkOutcome.Ok => "a network that can be run privately",
        NetworkOutcome.Malformed => "no ONNX model: " + string.Join("; ", Problems),
        _ => "this model cannot be run privately: " + string.Join("; ", Problems),
    };
}
