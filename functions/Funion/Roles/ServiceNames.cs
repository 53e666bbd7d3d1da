using System.Text;
using Funion.Cryptography;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>Endpoints at a service hop: RecipientId = BLAKE2b-256("funion-service-v1:" ‖ name).</summary>
public static class ServiceNames
{
    /// <summary>Takes courier queries.</summary>
    public static RecipientId Courier { get; } = Of("courier");

    /// <summary>Takes sealed jobs.</summary>
    public static RecipientId Compute { get; } = Of("compute");

    /// <summary>Answers a loop decoy.</summary>
    public static RecipientId Loop { get; } = Of("loop");

    static RecipientId Of(string name)
    {
        Span<byte> id = stackalloc byte[RecipientId.Size];
        Blake2b.Hash256(Encoding.ASCII.GetBytes("funion-service-v1:" + name), id);
        return new RecipientId(id);
    }
}
