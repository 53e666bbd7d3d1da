namespace Funion.Verification;

/// <summary>Samples for one round.</summary>
/// <param name="Certified">Inputs with their certified outputs, and how far answers may be from these.</param>
/// <param name="Labelled">Inputs with their labels.</param>
public sealed record SampleDraw(
    IReadOnlyList<(ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output, double Slack)> Certified, IReadOnlyList<(ReadOnlyMemory<byte> Input, int Label)> Labelled);
