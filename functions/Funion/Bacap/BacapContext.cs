namespace Funion.Bacap;

/// <summary>Contexts separate deployments: one root under two contexts gives unlinkable boxes.</summary>
public static class BacapContext
{
    /// <summary>What Pigeonhole uses.</summary>
    public static ReadOnlySpan<byte> Pigeonhole => "pigeonhole context"u8;
}
