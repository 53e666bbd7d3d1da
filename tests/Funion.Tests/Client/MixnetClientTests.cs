using Funion.Client;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Client;

public sealed class MixnetClientTests
{
    static readonly TimeSpan s_while = TimeSpan.FromMinutes(5);

    [Fact]
    public void The_wire_shows_the_same_times_and_sizes_with_and_without_traffic()
    {
        using Stage quiet = new(), busy = new();
        for (byte i = 0; i < 100; i++)
        {
            _ = busy.Client.RequestAsync(busy.Courier, busy.Payload(i), CancellationToken.None);
        }
        quiet.Run(s_while);
        busy.Run(s_while);
        Assert.Equal(100, busy.Gateway.Packets.Count(packet => packet.Recipient == ServiceNames.Courier));
        Assert.Equal(quiet.Gateway.Packets.Select(packet => (packet.At, packet.Size)), busy.Gateway.Packets.Select(packet => (packet.At, packet.Size)));
        Assert.Equal(quiet.Gateway.Polls, busy.Gateway.Polls);
    }

    [Fact]
    public void Slots_loops_and_polls_keep_their_rates()
    {
        using Stage stage = new();
        stage.Run(TimeSpan.FromMinutes(20));
        // λP + λL = 1.5/s, polls 1.125/s; four standard deviations.
        Assert.InRange(stage.Gateway.Packets.Count, 1_800 - 170, 1_800 + 170);
        Assert.InRange(stage.Gateway.Polls.Count, 1_350 - 147, 1_350 + 147);
        Assert.All(stage.Gateway.Packets, packet => Assert.Equal(stage.Gateway.Geometry.PacketSize, packet.Size));
    }

    [Fact]
    public void Every_packet_carries_one_reply_block_of_its_own_and_loops_come_back()
    {
        using Stage stage = new();
        stage.Run(s_while);
        Assert.Equal(stage.Gateway.Packets.Count, stage.Gateway.Packets.Select(packet => packet.Surb).Distinct().Count());
        LoopStatistics statistics = stage.Client.Statistics;
        Assert.Equal(stage.Gateway.Packets.Count, statistics.LoopsSent);
        Assert.InRange(statistics.LoopsReturned, statistics.LoopsSent - 40, statistics.LoopsSent);
        Assert.Equal(0, statistics.LoopsLost);
    }

    [Fact]
    public void A_pause_is_not_made_up_for()
    {
        using Stage stage = new();
        stage.Run(TimeSpan.FromSeconds(30));
        int before = stage.Gateway.Packets.Count + stage.Gateway.Polls.Count;
        stage.Time.Advance(TimeSpan.FromHours(1));
        stage.Step();
        Assert.Equal(before, stage.Gateway.Packets.Count + stage.Gateway.Polls.Count);
        stage.Run(TimeSpan.FromSeconds(60));
        Assert.InRange(stage.Gateway.Packets.Count + stage.Gateway.Polls.Count - before, 100, 215);
    }

    [Fact]
    public async Task A_request_is_answered_by_its_service()
    {
        using Stage stage = new();
        stage.Gateway.Service = packet => [.. packet.Payload[..4], .. new byte[stage.Gateway.Geometry.ReplyPayloadSize - 4]];
        Task<ReadOnlyMemory<byte>> request = stage.Client.RequestAsync(stage.Courier, stage.Payload(7), CancellationToken.None);
        Assert.True(stage.RunUntil(() => request.IsCompleted, s_while));
        ReadOnlyMemory<byte> reply = await request;
        Assert.Equal(stage.Gateway.Geometry.ReplyPayloadSize, reply.Length);
        Assert.Equal([7, 7, 7, 7, 0], reply[..5].ToArray());
    }

    [Fact]
    public void A_lost_packet_is_sent_again_with_a_new_reply_block_and_the_same_payload()
    {
        using Stage stage = new();
        int seen = 0;
        stage.Gateway.Loses = packet => packet.Recipient == ServiceNames.Courier && ++seen <= 2;
        Task request = stage.Client.RequestAsync(stage.Courier, stage.Payload(7), CancellationToken.None);
        Assert.True(stage.RunUntil(() => request.IsCompleted, s_while));
        SeenPacket[] sent = [.. stage.Gateway.Packets.Where(packet => packet.Recipient == ServiceNames.Courier)];
        Assert.Equal(3, sent.Length);
        Assert.Equal(3, sent.Select(packet => packet.Surb).Distinct().Count());
        Assert.All(sent, packet => Assert.Equal(sent[0].Payload, packet.Payload));
        Assert.All(sent, packet => Assert.Equal(sent[0].Service, packet.Service));
        Assert.Equal(2, stage.Client.Statistics.Resends);
    }

    [Fact]
    public void A_lost_answer_of_the_mailbox_loses_no_reply()
    {
        using Stage stage = new();
        stage.Gateway.LosesAnswer = poll => poll % 6 == 0;
        Task[] requests = [.. Enumerable.Range(0, 40).Select(i => stage.Client.RequestAsync(stage.Courier, stage.Payload((byte)i), CancellationToken.None))];
        Assert.True(stage.RunUntil(() => requests.All(request => request.IsCompletedSuccessfully), TimeSpan.FromMinutes(20)));
        Assert.Equal(0, stage.Client.Statistics.LoopsLost);
    }

    [Fact]
    public void A_cancelled_request_leaves_its_slot_to_a_decoy()
    {
        using Stage quiet = new(), cancelled = new();
        using CancellationTokenSource source = new();
        Task[] requests = [.. Enumerable.Range(0, 50).Select(i =>
            cancelled.Client.RequestAsync(cancelled.Courier, cancelled.Payload((byte)i), source.Token))];
        cancelled.Run(TimeSpan.FromSeconds(10));
        source.Cancel();
        Assert.True(requests.Count(request => request.IsCanceled) > 30);
        int sent = cancelled.Gateway.Packets.Count(packet => packet.Recipient == ServiceNames.Courier);
        cancelled.Run(s_while);
        quiet.Run(TimeSpan.FromSeconds(10));
        quiet.Run(s_while);
        Assert.Equal(sent, cancelled.Gateway.Packets.Count(packet => packet.Recipient == ServiceNames.Courier));
        Assert.Equal(quiet.Gateway.Packets.Select(packet => packet.At), cancelled.Gateway.Packets.Select(packet => packet.At));
    }

    [Fact]
    public void Requests_go_first_come_first_served()
    {
        using Stage stage = new();
        for (byte i = 0; i < 20; i++)
        {
            _ = stage.Client.RequestAsync(stage.Courier, stage.Payload(i), CancellationToken.None);
        }
        stage.Run(s_while);
        Assert.Equal(
            Enumerable.Range(0, 20), stage.Gateway.Packets.Where(packet => packet.Recipient == ServiceNames.Courier).Select(packet => (int)packet.Payload[0]));
    }

    [Fact]
    public void An_unreachable_gateway_costs_time_and_no_request()
    {
        using Stage stage = new();
        stage.Gateway.IsDown = true;
        Task[] requests = [.. Enumerable.Range(0, 5).Select(i => stage.Client.RequestAsync(stage.Courier, stage.Payload((byte)i), CancellationToken.None))];
        stage.Run(TimeSpan.FromSeconds(30));
        Assert.False(stage.Client.IsReachable);
        stage.Gateway.IsDown = false;
        Assert.True(stage.RunUntil(() => requests.All(request => request.IsCompletedSuccessfully), s_while));
        Assert.True(stage.Client.IsReachable);
        Assert.Equal(5, stage.Gateway.Packets.Count(packet => packet.Recipient == ServiceNames.Courier));
        Assert.Equal(0, stage.Client.Statistics.LoopsLost);
    }

    [Fact]
    public void Dropped_and_damaged_loops_are_counted()
    {
        using Stage drops = new(), damages = new();
        drops.Gateway.Loses = _ => true;
        damages.Gateway.Damages = true;
        Task request = damages.Client.RequestAsync(damages.Courier, damages.Payload(1), CancellationToken.None);
        drops.Run(s_while);
        damages.Run(s_while);
        Assert.InRange(drops.Client.Statistics.LoopsLost, 200, drops.Client.Statistics.LoopsSent);
        Assert.Equal(0, drops.Client.Statistics.RepliesReceived);
        Assert.InRange(damages.Client.Statistics.Damaged, 200, damages.Client.Statistics.PacketsSent);
        Assert.False(request.IsCompleted);
    }

    [Fact]
    public void A_document_that_ran_out_stops_the_sender_and_does_not_break_it()
    {
        using Stage stage = new();
        stage.Time.Advance(TimeSpan.FromDays(9));
        Task request = stage.Client.RequestAsync(stage.Courier, stage.Payload(1), CancellationToken.None);
        stage.Run(s_while);
        Assert.Empty(stage.Gateway.Packets);
        Assert.False(request.IsCompleted);
        Assert.True(stage.Client.Statistics.Failures > 0);
    }

    [Fact]
    public void A_request_to_a_service_that_left_the_network_fails_by_name_and_the_sender_goes_on()
    {
        using Stage stage = new();
        stage.Gateway.Loses = _ => true;
        Task<ReadOnlyMemory<byte>> asked = stage.Client.RequestAsync(stage.Courier, stage.Payload(1), default);
        stage.Run(TimeSpan.FromSeconds(10));
        NetworkDocument document = stage.Plan.Document;
        Assert.True(stage.Client.TryAdopt(document with
        {
            Version = document.Version + 1, Previous = document.Hash(), Nodes = [.. document.Nodes.Where(node => node.Id != stage.Courier.Node.Id)],
        }));
        long before = stage.Client.Statistics.PacketsSent;
        Assert.True(stage.RunUntil(() => asked.IsCompleted, TimeSpan.FromMinutes(5)));
        Assert.IsType<FunionException>(asked.Exception!.InnerException);
        stage.Run(TimeSpan.FromMinutes(1));
        Assert.True(stage.Client.Statistics.PacketsSent > before + 50);
    }

    [Fact]
    public void A_request_of_another_size_is_refused()
    {
        using Stage stage = new();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => stage.Client.RequestAsync(stage.Courier, new byte[1_999], CancellationToken.None).GetAwaiter().GetResult());
    }

    [Fact]
    public void Waiting_goes_by_the_clock_of_the_sender()
    {
        using Stage stage = new();
        DateTimeOffset due = stage.Time.GetUtcNow() + TimeSpan.FromSeconds(10);
        DateTimeOffset? rang = null;
        Task wait = Wait();
        Assert.True(stage.RunUntil(() => wait.IsCompleted, s_while));
        Assert.Equal(due, rang);
        async Task Wait()
        {
            await stage.Client.DelayUntilAsync(due, CancellationToken.None);
            rang = stage.Time.GetUtcNow();
        }
    }
}
