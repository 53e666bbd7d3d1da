using Funion.Bacap;
using Funion.Client;

namespace Funion.Tests.Client;

public sealed class PigeonholeClientTests
{
    static readonly TimeSpan s_while = TimeSpan.FromMinutes(20);

    [Fact]
    public void Reads_writes_and_tombstones_make_the_same_exchanges()
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        PigeonholeClient client = new(stage.Client);
        WriteCapability write = WriteCapability.Create();
        Box box = Seal(client, write, "said");
        BoxResult wrote = Do(stage, client.WriteAsync(box, default));
        BoxResult read = Do(stage, client.ReadAsync(write.ToReadCapability(), write.First, default));
        BoxResult deleted = Do(stage, client.WriteAsync(write.Tombstone(write.First, BacapContext.Pigeonhole), default));
        BoxResult gone = Do(stage, client.ReadAsync(write.ToReadCapability(), write.First, default));
        Assert.Equal([BoxStatus.Ok, BoxStatus.Ok, BoxStatus.Ok, BoxStatus.Tombstone], [wrote.Status, read.Status, deleted.Status, gone.Status]);
        Assert.Equal("said"u8, read.Data.Span);
        // Four operations, each: acknowledged, answered; one envelope, one courier.
        Assert.Equal([true, false, true, false, true, false, true, false], services.Exchanges.Select(exchange => exchange.Acknowledged));
        Assert.All(services.Exchanges.Chunk(2), pair => Assert.Equal((pair[0].Courier, pair[0].Envelope), (pair[1].Courier, pair[1].Envelope)));
        Assert.Equal(4, services.Exchanges.Select(exchange => exchange.Envelope).Distinct().Count());
    }

    [Fact]
    public void An_envelope_goes_out_as_it_is_until_it_is_answered()
    {
        using Stage stage = new();
        StandInServices services = new(stage) { Acknowledgements = 5 };
        PigeonholeClient client = new(stage.Client);
        Assert.Equal(BoxStatus.Ok, Do(stage, client.WriteAsync(Seal(client, WriteCapability.Create(), "slow"), default)).Status);
        Assert.Equal(6, services.Exchanges.Count);
        Assert.Single(services.Exchanges.Select(exchange => exchange.Envelope).Distinct());
    }

    [Fact]
    public void What_is_not_there_is_asked_for_in_a_fresh_envelope_the_next_time()
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        PigeonholeClient client = new(stage.Client);
        WriteCapability write = WriteCapability.Create();
        Assert.Equal(BoxStatus.NotFound, Do(stage, client.ReadAsync(write.ToReadCapability(), write.First, default)).Status);
        Assert.Equal(BoxStatus.NotFound, Do(stage, client.ReadAsync(write.ToReadCapability(), write.First, default)).Status);
        // Each time a second envelope, to replicas drawn anew, confirms it.
        Assert.Equal(4, services.Exchanges.Select(exchange => exchange.Envelope).Distinct().Count());
    }

    [Fact]
    public void What_one_replica_does_not_have_yet_is_read_from_another()
    {
        using Stage stage = new();
        int given = 0;
        StandInServices services = new(stage);
        PigeonholeClient client = new(stage.Client);
        WriteCapability write = WriteCapability.Create();
        Do(stage, client.WriteAsync(Seal(client, write, "there"), default));
        services.Has = _ => given++ > 0;
        BoxResult read = Do(stage, client.ReadAsync(write.ToReadCapability(), write.First, default));
        Assert.Equal("there"u8, read.Data.Span);
        Assert.Equal(2, given);
    }

    [Fact]
    public void What_is_released_goes_before_what_waits_for_a_slot()
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        PigeonholeClient client = new(stage.Client), urgent = new(stage.Client, first: true);
        WriteCapability write = WriteCapability.Create();
        Task<BoxResult>[] waiting = [.. Enumerable.Range(0, 8).Select(_ => client.WriteAsync(Seal(client, WriteCapability.Create(), "waits"), default))];
        Task<BoxResult> released = urgent.WriteAsync(Seal(client, write, "released"), default);
        Do(stage, released);
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
    }

    [Fact]
    public void Other_bytes_in_a_box_are_refused_and_the_same_are_not()
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        PigeonholeClient client = new(stage.Client);
        WriteCapability write = WriteCapability.Create();
        Assert.Equal(BoxStatus.Ok, Do(stage, client.WriteAsync(Seal(client, write, "one"), default)).Status);
        Assert.Equal(BoxStatus.Ok, Do(stage, client.WriteAsync(Seal(client, write, "one"), default)).Status);
        Assert.Equal(BoxStatus.AlreadyExists, Do(stage, client.WriteAsync(Seal(client, write, "two"), default)).Status);
        Assert.Single(services.Boxes);
    }

    [Fact]
    public void A_damaged_copy_is_noticed_and_asked_for_elsewhere()
    {
        using Stage stage = new();
        int given = 0;
        StandInServices services = new(stage);
        services.Gives = box => given++ == 0 ? box with { Ciphertext = Flip(box.Ciphertext) } : box;
        PigeonholeClient client = new(stage.Client);
        WriteCapability write = WriteCapability.Create();
        Do(stage, client.WriteAsync(Seal(client, write, "whole"), default));
        BoxResult read = Do(stage, client.ReadAsync(write.ToReadCapability(), write.First, default));
        Assert.Equal("whole"u8, read.Data.Span);
        Assert.Equal(1, client.Damaged);
        Assert.Equal(3, services.Exchanges.Select(exchange => exchange.Envelope).Distinct().Count());
    }

    [Fact]
    public void A_network_that_only_lies_is_given_up_on()
    {
        using Stage stage = new();
        StandInServices services = new(stage) { Gives = box => box with { Ciphertext = Flip(box.Ciphertext) } };
        PigeonholeClient client = new(stage.Client);
        WriteCapability write = WriteCapability.Create();
        Do(stage, client.WriteAsync(Seal(client, write, "whole"), default));
        Assert.Equal(BoxStatus.Damaged, Do(stage, client.ReadAsync(write.ToReadCapability(), write.First, default)).Status);
        Assert.InRange(services.Exchanges.Count, 4, 12);
    }

    internal static Box Seal(PigeonholeClient client, WriteCapability write, string text) =>
        write.Seal(write.First, BacapContext.Pigeonhole, client.Geometry.PadPlaintext(System.Text.Encoding.UTF8.GetBytes(text)));

    internal static T Do<T>(Stage stage, Task<T> task)
    {
        Assert.True(stage.RunUntil(() => task.IsCompleted, s_while));
        return task.GetAwaiter().GetResult();
    }

    static byte[] Flip(ReadOnlyMemory<byte> bytes)
    {
        byte[] flipped = bytes.ToArray();
        flipped[5] ^= 1;
        return flipped;
    }
}
