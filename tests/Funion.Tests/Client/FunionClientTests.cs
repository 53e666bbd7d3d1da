using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Network;

namespace Funion.Tests.Client;

public sealed class FunionClientTests
{
    static readonly TimeSpan s_bucket = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_636)]
    [InlineData(1_637)]
    [InlineData(20_000)]
    public void What_was_put_is_got_and_deleted(int length)
    {
        using Stage stage = new();
        StandInServices services = new(stage);
        FunionClient client = new(stage.Client);
        byte[] content = RandomNumberGenerator.GetBytes(length);
        List<ClientProgress> progress = [];
        WriteCapability write = PigeonholeClientTests.Do(stage, client.PutAsync(content, progress.Add, default));
        Assert.Equal(services.Boxes.Count, progress.Count);
        Assert.Equal(content, PigeonholeClientTests.Do(stage, client.GetAsync(write.ToReadCapability(), 1 << 20, null, default)));
        Assert.Equal(services.Boxes.Count, PigeonholeClientTests.Do(stage, client.DeleteAsync(write, null, default)));
        Assert.All(services.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
        FunionException gone = Assert.Throws<FunionException>(
            () => PigeonholeClientTests.Do(stage, client.GetAsync(write.ToReadCapability(), 1 << 20, null, default)));
        Assert.Equal(FunionError.NotFound, gone.Error);
    }

    [Fact]
    public void A_file_larger_than_allowed_is_not_fetched()
    {
        using Stage stage = new();
        _ = new StandInServices(stage);
        FunionClient client = new(stage.Client);
        WriteCapability write = PigeonholeClientTests.Do(stage, client.PutAsync(new byte[5_000], null, default));
        FunionException refused = Assert.Throws<FunionException>(
            () => PigeonholeClientTests.Do(stage, client.GetAsync(write.ToReadCapability(), 4_999, null, default)));
        Assert.Equal(FunionError.Damaged, refused.Error);
    }

    [Fact]
    public void A_question_is_answered_after_the_boundary_and_leaves_nothing_behind()
    {
        using Stage stage = new(options: Options());
        StandInServices services = new(stage);
        FunionClient client = new(stage.Client);
        Tensor asked = Input();
        DateTimeOffset release = default;
        InferenceAnswer answer = PigeonholeClientTests.Do(stage, client.InferAsync(
            "digits", [asked], s_bucket, null, _ => release = new BucketGrid(s_bucket).NextBoundary(stage.Time.GetUtcNow()) + s_bucket, default));
        Assert.Equal(asked.Data.ToArray(), Assert.Single(answer.Tensors!).Data.ToArray());
        Assert.True(stage.Time.GetUtcNow() > release);
        Assert.True(stage.RunUntil(() => client.Cleanup.IsCompleted, TimeSpan.FromMinutes(5)));
        Assert.All(services.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
        Assert.Equal(2, services.Boxes.Count);
    }

    [Fact]
    public void Input_and_output_are_deleted_each_at_a_time_of_its_own()
    {
        using Stage stage = new(options: Options());
        StandInServices services = new(stage);
        FunionClient client = new(stage.Client);
        List<double> apart = [];
        int together = 0;
        for (int i = 0; i < 16; i++)
        {
            services.Boxes.Clear();
            PigeonholeClientTests.Do(stage, client.InferAsync("digits", [Input()], s_bucket, null, null, default));
            DateTimeOffset read = stage.Time.GetUtcNow();
            Assert.True(stage.RunUntil(() => client.Cleanup.IsCompleted, TimeSpan.FromMinutes(5)));
            double[] deleted = [.. services.Boxes.Values.Select(stored => (stored.From - read).TotalSeconds)];
            Assert.All(services.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
            apart.Add(deleted.Max() - deleted.Min());
            together += deleted.Max() < 15 ? 1 : 0;
        }
        // Two uniform draws are a third apart on average, a quarter the deviation; a write takes some seconds more.
        double within = FunionClient.ForgottenWithin(stage.Plan.Document).TotalSeconds;
        Assert.InRange(apart.Average(), within / 12, (within * 7 / 12) + 10);
        Assert.True(together <= 3, $"{together} of 16 within 15 s");
    }

    [Fact]
    public void Two_questions_share_no_capability_and_no_box()
    {
        using Stage stage = new(options: Options());
        StandInServices services = new(stage);
        FunionClient client = new(stage.Client);
        for (int i = 0; i < 2; i++)
        {
            PigeonholeClientTests.Do(stage, client.InferAsync("digits", [Input()], s_bucket, null, null, default));
        }
        Assert.Equal(2, services.Jobs.Count);
        Assert.NotEqual(services.Jobs[0].Input, services.Jobs[1].Input);
        Assert.NotEqual(services.Jobs[0].Output.ToReadCapability(), services.Jobs[1].Output.ToReadCapability());
        Assert.Equal(4, services.Boxes.Count);
    }

    [Fact]
    public void A_question_that_is_given_up_is_deleted_too()
    {
        using Stage stage = new(options: Options());
        StandInServices services = new(stage);
        FunionClient client = new(stage.Client);
        using CancellationTokenSource patience = new();
        Task<InferenceAnswer> question = client.InferAsync("digits", [Input()], s_bucket, null, _ => patience.Cancel(), patience.Token);
        Assert.True(stage.RunUntil(() => question.IsCanceled && client.Cleanup.IsCompleted, TimeSpan.FromMinutes(5)));
        Assert.Empty(services.Jobs);
        Assert.All(services.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
    }

    [Fact]
    public void A_capability_whose_stream_ends_is_refused_by_name()
    {
        using Stage stage = new();
        _ = new StandInServices(stage);
        FunionClient client = new(stage.Client);
        byte[] bytes = WriteCapability.Create().ToBytes();
        // The last index that there is.
        bytes.AsSpan(64, 8).Fill(0xff);
        Assert.True(WriteCapability.TryParse(bytes, out WriteCapability? last));
        FunionException refused = Assert.Throws<FunionException>(
            () => PigeonholeClientTests.Do(stage, client.GetAsync(last.ToReadCapability(), 1 << 20)));
        Assert.Equal(FunionError.BadInput, refused.Error);
        Assert.Throws<FunionException>(() => FixedStream.Tombstones(last, 2));
    }

    [Fact]
    public void What_the_network_does_not_offer_is_refused_before_anything_is_sent()
    {
        using Stage stage = new(options: Options());
        FunionClient client = new(stage.Client);
        Assert.Equal(FunionError.NoSuchModel, Refused("letters", s_bucket, Input()));
        Assert.Equal(FunionError.NoSuchModel, Refused("digits", TimeSpan.FromSeconds(7), Input()));
        Assert.Equal(FunionError.BadInput, Refused("digits", s_bucket, Input(100_000)));
        FunionError Refused(string model, TimeSpan bucket, Tensor input) => Assert.Throws<FunionException>(
            () => client.InferAsync(model, [input], bucket, null, null, default).GetAwaiter().GetResult()).Error;
    }

    [Fact]
    public void Data_in_a_fixed_number_of_boxes_comes_back_and_nothing_else_does()
    {
        using Stage stage = new();
        FunionClient client = new(stage.Client);
        int size = client.Boxes.Geometry.MaxPlaintext;
        Assert.Null(FixedStream.Join([], client.Boxes.Geometry));
        Assert.Null(FixedStream.Join([new byte[size - 1]], client.Boxes.Geometry));
        Assert.Null(FixedStream.Join([Enumerable.Repeat((byte)0xff, size).ToArray()], client.Boxes.Geometry));
        Assert.Null(FixedStream.Join([Enumerable.Repeat((byte)0x7f, size).ToArray()], client.Boxes.Geometry));
        Assert.Empty(FixedStream.Join([new byte[size]], client.Boxes.Geometry)!);
    }

    internal static LocalNetworkOptions Options() => new() { UserPayload = 2_000, Models = [Networks.Model()] };

    internal static Tensor Input(int bytes = 256) =>
        Tensor.TryCreate("image", Datatype.UInt8, [bytes], RandomNumberGenerator.GetBytes(bytes))!;
}
