using Broadcast.Usage.Api;

namespace Broadcast.Usage.Tests.Api;

public class UsageCsvTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("=cmd|' /C calc'!A0,\"x\"", "\"'=cmd|' /C calc'!A0,\"\"x\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("plain", "plain")]
    public void What_comes_from_others_is_text_to_a_spreadsheet(string subject, string cell) =>
        Assert.Contains($",viewer,{cell},vx,", UsageCsv.Line(Some.Record("x") with { Subject = subject }), StringComparison.Ordinal);

    [Fact]
    public void A_line_has_a_cell_for_each_name()
    {
        var line = UsageCsv.Line(Some.Record("x") with { EndReason = "" });
        Assert.Equal(UsageCsv.Header.Split(',').Length, line.Split(',').Length);
        Assert.Equal(
            "x,live,3,viewer,customer-7,vx,a,2026-03-01T12:00:00.000Z,2026-03-01T12:01:00.000Z,60,1000,12,1,2,3,4,5,1.5,0.25,360:10 720:50,opus vp8,udp,,false\r\n", line);
    }
}
