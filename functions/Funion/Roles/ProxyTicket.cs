using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// What a replica must remember while another works for it, encrypted to itself and carried there and back: no state, nothing lost in a crash.
/// <code>
/// nonce 12 ‖ AES-256-GCM-SIV( courier 32 ‖ envelope hash 32 ‖ index u8 ‖ replica epoch i64 ‖ client's key 32 ‖ own private key 32 ‖ asked replica u8 ‖
///                             is last u8 ‖ is write u8 ‖ box id 32 ‖ for copy u8 )
/// </code>
/// </summary>
sealed record ProxyTicket(
    NodeId Courier, Bytes32 Hash, byte Index, long ReplicaEpoch, ReadOnlyMemory<byte> ClientKey, ReadOnlyMemory<byte> PrivateKey, byte Asked,
    bool IsLast, bool IsWrite, BoxId Box, bool ForCopy = false)
{
    const int PlainSize = ReplicaCommand.TicketSize - AesGcmSiv.NonceSize - AesGcmSiv.TagSize;

    public byte[] Seal(ReadOnlySpan<byte> key)
    {
        byte[] plain = new byte[PlainSize], ticket = new byte[ReplicaCommand.TicketSize];
        WireWriter writer = new(plain);
        writer.Bytes(Courier.AsSpan());
        writer.Bytes(Hash.AsSpan());
        writer.Byte(Index);
        writer.Int64(ReplicaEpoch);
        writer.Bytes(ClientKey.Span);
        writer.Bytes(PrivateKey.Span);
        writer.Byte(Asked);
        writer.Byte(IsLast ? (byte)1 : (byte)0);
        writer.Byte(IsWrite ? (byte)1 : (byte)0);
        writer.Bytes(Box.AsSpan());
        writer.Byte(ForCopy ? (byte)1 : (byte)0);
        RandomNumberGenerator.Fill(ticket.AsSpan(0, AesGcmSiv.NonceSize));
        AesGcmSiv.Encrypt(key, ticket.AsSpan(0, AesGcmSiv.NonceSize), [], plain, ticket.AsSpan(AesGcmSiv.NonceSize));
        CryptographicOperations.ZeroMemory(plain);
        return ticket;
    }

    public static ProxyTicket? TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> ticket)
    {
        byte[] plain = new byte[PlainSize];
        if (!AesGcmSiv.Decrypt(key, ticket[..AesGcmSiv.NonceSize], [], ticket[AesGcmSiv.NonceSize..], plain))
        {
            return null;
        }
        WireReader reader = new(plain);
        return new ProxyTicket(
            new NodeId(reader.Bytes(32).Span), new Bytes32(reader.Bytes(32).Span), reader.Byte(), reader.Int64(), reader.Bytes(32), reader.Bytes(32),
            reader.Byte(), reader.Byte() == 1, reader.Byte() == 1, new BoxId(reader.Bytes(32).Span), reader.Byte() == 1);
    }
}
